"""Templates of orders, and prices from a quantity on."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0062'
down_revision = '0061'
branch_labels = None
depends_on = None

MINE = 'owner_id = (select app_org())'


def _text(length: int) -> sa.types.TypeEngine:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def upgrade() -> None:
    table = 'order_template'
    op.create_table(
        table,
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('owner_id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('created_by', sa.Uuid(), nullable=True),
        sa.Column('via', _text(24), nullable=False),
        sa.Column('name', _text(80), nullable=False),
        sa.Column('supplier_id', sa.Uuid(), nullable=False),
        sa.Column('lines', postgresql.JSONB(), nullable=False),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_order_template')),
        sa.UniqueConstraint('owner_id', 'id', name=op.f('uq_order_template_owner_id_id')),
    )
    op.create_index('wait_order_template', table, ['owner_id'], postgresql_where=sa.text('ended_at is null'))
    op.execute(f'alter table {table} enable row level security')
    op.execute(f'alter table {table} force row level security')
    op.execute(f'create policy o on {table} to furrow_owner using (true) with check (true)')
    op.execute(f'create policy r on {table} for select to furrow_app using ({MINE})')
    op.execute(f'create policy i on {table} for insert to furrow_app with check ({MINE})')
    op.execute(f'create policy u on {table} for update to furrow_app using ({MINE}) with check ({MINE})')
    op.execute(f'create policy d on {table} for delete to furrow_app using ({MINE})')
    op.execute(f'grant select, insert, update, delete on {table} to furrow_app')
    op.execute(f'grant select, insert, update, delete on {table} to furrow_relay')
    # With a default, since the version before writes prices that say nothing of it.
    op.add_column('price', sa.Column('breaks', postgresql.JSONB(), nullable=False, server_default='[]'))


def downgrade() -> None:
    op.drop_column('price', 'breaks')
    op.drop_table('order_template')
