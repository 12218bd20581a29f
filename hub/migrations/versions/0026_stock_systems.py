"""A core is looked at, matched name by name, filled for the first time, paused and let go."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0026'
down_revision = '0025'
branch_labels = None
depends_on = None

MINE = 'owner_id = (select app_org())'
TABLES = ('place_in_core', 'item_in_core')
MOMENTS = {
    'core_connection': ('paused_at', 'ended_at', 'asked_at', 'answered_at'),
    'core_cursor': ('begun_at', 'filled_at'),
}


def _text(length: int) -> sa.types.TypeEngine:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def _table(name: str, *more: sa.schema.SchemaItem) -> None:
    op.create_table(name,
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Uuid(), nullable=True),
    sa.Column('via', _text(24), nullable=False),
    sa.Column('code', _text(60), nullable=False),
    sa.Column('name', _text(200), nullable=False),
    sa.Column('set_aside', sa.Boolean(), nullable=False),
    *more,
    sa.PrimaryKeyConstraint('id', name=op.f(f'pk_{name}')),
    sa.UniqueConstraint('owner_id', 'id', name=op.f(f'uq_{name}_owner_id_id')),
    sa.UniqueConstraint('owner_id', 'code', name=op.f(f'uq_{name}_owner_id_code'))
    )


def upgrade() -> None:
    for table, names in MOMENTS.items():
        for name in names:
            op.add_column(table, sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column('core_connection', sa.Column('trouble', _text(40), nullable=False, server_default=''))
    op.add_column('core_cursor', sa.Column('rows_read', sa.BigInteger(), nullable=False, server_default='0'))
    op.add_column('core_cursor', sa.Column('rows_left', sa.BigInteger(), nullable=True))
    op.execute('update core_cursor set filled_at = read_at')
    _table('place_in_core',
    sa.Column('place_id', sa.Uuid(), nullable=True),
    sa.ForeignKeyConstraint(['owner_id', 'place_id'], ['place.owner_id', 'place.id'], name=op.f('fk_place_in_core_owner_id_place_id')),
    sa.UniqueConstraint('owner_id', 'place_id', name=op.f('uq_place_in_core_owner_id_place_id'))
    )
    _table('item_in_core',
    sa.Column('gtin', _text(60), nullable=False),
    sa.Column('unit', _text(12), nullable=False)
    )
    for table in TABLES:
        op.execute(f'alter table {table} enable row level security')
        op.execute(f'alter table {table} force row level security')
        op.execute(f'create policy o on {table} to furrow_owner using (true) with check (true)')
        op.execute(f'create policy r on {table} for select to furrow_app using ({MINE})')
        op.execute(f'create policy i on {table} for insert to furrow_app with check ({MINE})')
        op.execute(f'create policy u on {table} for update to furrow_app using ({MINE}) with check ({MINE})')
        op.execute(f'create policy d on {table} for delete to furrow_app using ({MINE})')
        op.execute(f'grant select, insert, update, delete on {table} to furrow_app')
        op.execute(f'grant select, insert, update, delete on {table} to furrow_relay')


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_column('core_cursor', 'rows_left')
    op.drop_column('core_cursor', 'rows_read')
    op.drop_column('core_connection', 'trouble')
    for table, names in MOMENTS.items():
        for name in reversed(names):
            op.drop_column(table, name)
