"""Drafts that a person keeps, orders that a second person approves, and orders that stand by the week."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0058'
down_revision = '0057'
branch_labels = None
depends_on = None

MINE = 'owner_id = (select app_org())'
UNPLACED = 'wait_order_unplaced'
ONCE = 'uq_purchase_order_owner_id_standing_id_standing_day'


def _text(length: int) -> sa.types.TypeEngine:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def upgrade() -> None:
    table = 'standing_order'
    op.create_table(
        table,
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('owner_id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('created_by', sa.Uuid(), nullable=True),
        sa.Column('via', _text(24), nullable=False),
        sa.Column('supplier_id', sa.Uuid(), nullable=False),
        sa.Column('deliver_to_id', sa.Uuid(), nullable=False),
        sa.Column('weekdays', _text(13), nullable=False),
        sa.Column('lines', postgresql.JSONB(), nullable=False),
        sa.Column('days_off', postgresql.JSONB(), nullable=False),
        sa.Column('days_ahead', sa.BigInteger(), nullable=False),
        sa.Column('valid_from', sa.Date(), nullable=False),
        sa.Column('valid_to', sa.Date(), nullable=True),
        sa.Column('places', sa.Boolean(), nullable=False),
        sa.Column('kept_by', sa.Uuid(), nullable=True),
        sa.Column('paused', sa.Boolean(), nullable=False),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_standing_order')),
        sa.UniqueConstraint('owner_id', 'id', name=op.f('uq_standing_order_owner_id_id')),
        sa.ForeignKeyConstraint(['owner_id', 'deliver_to_id'], ['place.owner_id', 'place.id'],
                                name=op.f('fk_standing_order_owner_id_place')),
    )
    op.create_index('wait_standing_order', table, ['owner_id'],
                    postgresql_where=sa.text('ended_at is null and not paused'))
    op.execute(f'alter table {table} enable row level security')
    op.execute(f'alter table {table} force row level security')
    op.execute(f'create policy o on {table} to furrow_owner using (true) with check (true)')
    op.execute(f'create policy r on {table} for select to furrow_app using ({MINE})')
    op.execute(f'create policy i on {table} for insert to furrow_app with check ({MINE})')
    op.execute(f'create policy u on {table} for update to furrow_app using ({MINE}) with check ({MINE})')
    op.execute(f'create policy d on {table} for delete to furrow_app using ({MINE})')
    op.execute(f'grant select, insert, update, delete on {table} to furrow_app')
    op.execute(f'grant select, insert, update, delete on {table} to furrow_relay')
    op.add_column('organization', sa.Column('approve_above', sa.Numeric(precision=18, scale=4), nullable=True))
    # With defaults, since the version before writes orders that say nothing of these.
    orders = 'purchase_order'
    op.add_column(orders, sa.Column('drafted', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column(orders, sa.Column('asked_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column(orders, sa.Column('asked_by', sa.Uuid(), nullable=True))
    op.add_column(orders, sa.Column('approved_by', sa.Uuid(), nullable=True))
    op.add_column(orders, sa.Column('returned', _text(200), nullable=False, server_default=''))
    op.add_column(orders, sa.Column('standing_id', sa.Uuid(), nullable=True))
    op.add_column(orders, sa.Column('standing_day', sa.Date(), nullable=True))
    with op.get_context().autocommit_block():
        op.create_index(UNPLACED, orders, ['owner_id'], if_not_exists=True, postgresql_concurrently=True,
                        postgresql_where=sa.text('placed_at is null and cancelled_at is null'))
        op.create_index(ONCE, orders, ['owner_id', 'standing_id', 'standing_day'], unique=True, if_not_exists=True,
                        postgresql_concurrently=True)
    op.execute(f'alter table {orders} add constraint {ONCE} unique using index {ONCE}')


def downgrade() -> None:
    op.drop_constraint(ONCE, 'purchase_order')
    op.drop_index(UNPLACED, 'purchase_order')
    for column in ('standing_day', 'standing_id', 'returned', 'approved_by', 'asked_by', 'asked_at', 'drafted'):
        op.drop_column('purchase_order', column)
    op.drop_column('organization', 'approve_above')
    op.drop_table('standing_order')
