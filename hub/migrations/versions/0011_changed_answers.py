"""Answers may be changed until goods leave: what was said before is kept; a cancelled order says why."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

MINE = 'owner_id = (select app_org())'


def upgrade() -> None:
    op.add_column('order_answer', sa.Column('changed_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('purchase_order', sa.Column('cancel_reason', sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False, server_default=''))
    op.alter_column('purchase_order', 'cancel_reason', server_default=None)
    op.create_table('earlier_answer',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Uuid(), nullable=True),
    sa.Column('via', sqlmodel.sql.sqltypes.AutoString(length=24), nullable=False),
    sa.Column('buyer_id', sa.Uuid(), nullable=False),
    sa.Column('haulier_id', sa.Uuid(), nullable=True),
    sa.Column('order_id', sa.Uuid(), nullable=False),
    sa.Column('said_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('replaced_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('note', sqlmodel.sql.sqltypes.AutoString(length=400), nullable=False),
    sa.Column('lines', postgresql.JSONB(), nullable=False),
    sa.ForeignKeyConstraint(['buyer_id', 'order_id'], ['purchase_order.owner_id', 'purchase_order.id'], name=op.f('fk_earlier_answer_buyer_id_order_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_earlier_answer')),
    sa.UniqueConstraint('owner_id', 'id', name=op.f('uq_earlier_answer_owner_id_id'))
    )
    op.create_index(op.f('ix_earlier_answer_order_id'), 'earlier_answer', ['order_id'], unique=False)
    op.execute('alter table earlier_answer enable row level security')
    op.execute('alter table earlier_answer force row level security')
    op.execute('create policy o on earlier_answer to furrow_owner using (true) with check (true)')
    op.execute(f'create policy r on earlier_answer for select to furrow_app using ({MINE} or buyer_id = (select app_org()) or haulier_id = (select app_org()))')
    op.execute(f'create policy i on earlier_answer for insert to furrow_app with check ({MINE})')
    op.execute(f'create policy u on earlier_answer for update to furrow_app using ({MINE}) with check ({MINE})')
    op.execute(f'create policy d on earlier_answer for delete to furrow_app using ({MINE})')
    op.execute('grant select, insert, update, delete on earlier_answer to furrow_app')
    op.execute('grant select, insert, update, delete on earlier_answer to furrow_relay')


def downgrade() -> None:
    op.drop_index(op.f('ix_earlier_answer_order_id'), table_name='earlier_answer')
    op.drop_table('earlier_answer')
    op.drop_column('purchase_order', 'cancel_reason')
    op.drop_column('order_answer', 'changed_at')
