"""Links in letters by which one order is answered without signing in."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None

MINE = 'owner_id = (select app_org())'


def upgrade() -> None:
    op.create_table('answer_link',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Uuid(), nullable=True),
    sa.Column('via', sqlmodel.sql.sqltypes.AutoString(length=24), nullable=False),
    sa.Column('order_id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_answer_link')),
    sa.UniqueConstraint('owner_id', 'id', name=op.f('uq_answer_link_owner_id_id')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_answer_link_token_hash'))
    )
    op.create_index(op.f('ix_answer_link_expires_at'), 'answer_link', ['expires_at'], unique=False)
    op.create_index(op.f('ix_answer_link_order_id'), 'answer_link', ['order_id'], unique=False)
    op.execute('alter table answer_link enable row level security')
    op.execute('alter table answer_link force row level security')
    op.execute('create policy o on answer_link to furrow_owner using (true) with check (true)')
    op.execute(f'create policy r on answer_link for select to furrow_app using ({MINE})')
    op.execute(f'create policy i on answer_link for insert to furrow_app with check ({MINE})')
    op.execute(f'create policy u on answer_link for update to furrow_app using ({MINE}) with check ({MINE})')
    op.execute(f'create policy d on answer_link for delete to furrow_app using ({MINE})')
    op.execute('grant select, insert, update, delete on answer_link to furrow_app')
    op.execute('grant select, insert, update, delete on answer_link to furrow_relay')
    op.execute("""create function find_answer_link(token bytea) returns table (link_id uuid, org_id uuid)
 stable security definer set search_path = public language sql as
 $$select id, owner_id from answer_link where token_hash = token$$""")


def downgrade() -> None:
    op.execute('drop function find_answer_link(bytea)')
    op.drop_table('answer_link')
