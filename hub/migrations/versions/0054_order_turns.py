"""What the two sides of an order say to each other after it is placed, and answers that are not agreed yet."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0054'
down_revision = '0053'
branch_labels = None
depends_on = None

MINE = 'owner_id = (select app_org())'
READ = f'{MINE} or buyer_id = (select app_org()) or supplier_id = (select app_org())'


def _text(length: int) -> sa.types.TypeEngine:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def upgrade() -> None:
    table = 'order_turn'
    op.create_table(
        table,
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('owner_id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('created_by', sa.Uuid(), nullable=True),
        sa.Column('via', _text(24), nullable=False),
        sa.Column('buyer_id', sa.Uuid(), nullable=False),
        sa.Column('supplier_id', sa.Uuid(), nullable=False),
        sa.Column('order_id', sa.Uuid(), nullable=False),
        sa.Column('number', sa.BigInteger(), nullable=False),
        sa.Column('said_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('reply_by', sa.DateTime(timezone=True), nullable=True),
        sa.Column('pending', sa.Boolean(), nullable=False),
        sa.Column('note', _text(400), nullable=False),
        sa.Column('words', postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_order_turn')),
        sa.UniqueConstraint('owner_id', 'id', name=op.f('uq_order_turn_owner_id_id')),
        sa.UniqueConstraint('owner_id', 'order_id', 'number', name=op.f('uq_order_turn_owner_id_order_id_number')),
        sa.ForeignKeyConstraint(['buyer_id', 'order_id'], ['purchase_order.owner_id', 'purchase_order.id'],
                                name=op.f('fk_order_turn_buyer_id_purchase_order')),
    )
    for column in ('buyer_id', 'supplier_id', 'order_id'):
        op.create_index(op.f(f'ix_order_turn_{column}'), table, [column])
    op.create_index('ix_order_turn_waits', table, ['reply_by'], postgresql_where=sa.text('pending'))
    op.execute(f'alter table {table} enable row level security')
    op.execute(f'alter table {table} force row level security')
    op.execute(f'create policy o on {table} to furrow_owner using (true) with check (true)')
    op.execute(f'create policy r on {table} for select to furrow_app using ({READ})')
    op.execute(f'create policy i on {table} for insert to furrow_app with check ({MINE})')
    op.execute(f'create policy u on {table} for update to furrow_app using ({MINE}) with check ({MINE})')
    op.execute(f'create policy d on {table} for delete to furrow_app using ({MINE})')
    op.execute(f'grant select, insert, update, delete on {table} to furrow_app')
    op.execute(f'grant select, insert, update, delete on {table} to furrow_relay')
    # With defaults, since the version before writes answers that say nothing of these.
    op.add_column('answer_line', sa.Column('open', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('answer_line', sa.Column('parts', postgresql.JSONB(), nullable=False, server_default='[]'))
    op.add_column('answer_line', sa.Column('price', sa.Numeric(precision=18, scale=4), nullable=True))
    op.add_column('answer_line', sa.Column('trade_item_id', sa.Uuid(), nullable=True))


def downgrade() -> None:
    for column in ('trade_item_id', 'price', 'parts', 'open'):
        op.drop_column('answer_line', column)
    op.drop_table('order_turn')
