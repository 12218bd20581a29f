"""Goods written off and marked down, stock-takes with their counts, and transfers between a chain's stores."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0059'
down_revision = '0058'
branch_labels = None
depends_on = None

MINE = 'owner_id = (select app_org())'
TABLES = ('write_off', 'markdown', 'stock_take', 'stock_take_line', 'stock_count', 'stock_transfer')


def _text(length: int) -> sa.types.TypeEngine:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def _chosen(name: str, length: int = 24) -> sa.Column:
    return sa.Column(name, sa.String(length), nullable=False)


def _id(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _at(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _quantity(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Numeric(precision=18, scale=6), nullable=nullable)


def _money(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Numeric(precision=18, scale=4), nullable=nullable)


def _said(name: str, length: int) -> sa.Column:
    return sa.Column(name, _text(length), nullable=False)


def _flag(name: str) -> sa.Column:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _lot() -> list[sa.Column]:
    return [_said('lot', 20), sa.Column('best_before', sa.Date(), nullable=True)]


def _once() -> list[sa.Column]:
    return [_id('said_as'), _at('written_at', nullable=False), _at('undone_at')]


def _table(name: str, columns: list[sa.Column], unique: tuple[str, ...], owned: dict[str, str]) -> None:
    op.create_table(
        name,
        _id('id'),
        _id('owner_id'),
        _at('created_at', nullable=False),
        _id('created_by', nullable=True),
        _said('via', 24),
        *columns,
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk_{name}')),
        sa.UniqueConstraint('owner_id', 'id', name=op.f(f'uq_{name}_owner_id_id')),
        sa.UniqueConstraint('owner_id', *unique, name=op.f(f'uq_{name}_owner_id_{"_".join(unique)}')),
        *(
            sa.ForeignKeyConstraint(['owner_id', column], [f'{other}.owner_id', f'{other}.id'],
                                    name=op.f(f'fk_{name}_owner_id_{column}'))
            for column, other in owned.items()
        ),
    )


def upgrade() -> None:
    _table(
        'write_off',
        [_id('place_id'), _id('trade_item_id'), *_lot(), _quantity('quantity'), _said('unit', 12), _chosen('reason'), _said('recipient', 120),
         _said('note', 200), *_once()],
        ('said_as',),
        {'place_id': 'place'},
    )
    _table(
        'markdown',
        [_id('place_id'), _id('trade_item_id'), *_lot(), _money('price'), _money('was', nullable=True), _said('currency', 3),
         sa.Column('ends_on', sa.Date(), nullable=False), *_once()],
        ('said_as',),
        {'place_id': 'place'},
    )
    _table(
        'stock_take',
        [_id('place_id'), _chosen('listing'), _said('part', 60), _flag('blind'), _money('threshold'), _id('said_as'),
         _at('begun_at', nullable=False), _at('counted_at'), _at('approved_at'), _id('approved_by', nullable=True),
         _at('dropped_at')],
        ('said_as',),
        {'place_id': 'place'},
    )
    _table(
        'stock_take_line',
        [_id('take_id'), _id('trade_item_id'), _quantity('expected'), _money('price'), _said('currency', 3),
         _flag('again'), _quantity('difference', nullable=True)],
        ('take_id', 'trade_item_id'),
        {'take_id': 'stock_take'},
    )
    _table(
        'stock_count',
        [_id('take_id'), _id('line_id'), sa.Column('round', sa.BigInteger(), nullable=False), _quantity('quantity'),
         _quantity('on_hand'), _id('said_as'), _at('counted_at', nullable=False), _at('undone_at')],
        ('said_as',),
        {'take_id': 'stock_take', 'line_id': 'stock_take_line'},
    )
    _table(
        'stock_transfer',
        [_id('from_id'), _id('to_id'), _id('trade_item_id'), _said('unit', 12), _id('said_as'), _said('note', 200),
         _quantity('asked'), _at('asked_at', nullable=False),
         _quantity('offered', nullable=True), _at('offered_at'), _id('offered_by', nullable=True),
         _at('declined_at'), _id('declined_by', nullable=True), *_lot(),
         _quantity('shipped', nullable=True), _at('shipped_at'), _id('shipped_by', nullable=True),
         _quantity('received', nullable=True), _at('received_at'), _id('received_by', nullable=True)],
        ('said_as',),
        {'from_id': 'place', 'to_id': 'place'},
    )
    for table, columns in (
        ('write_off', ('place_id',)),
        ('markdown', ('place_id',)),
        ('stock_take', ('place_id',)),
        ('stock_count', ('take_id', 'line_id')),
        ('stock_transfer', ('from_id', 'to_id')),
    ):
        for column in columns:
            op.create_index(op.f(f'ix_{table}_{column}'), table, [column])
    op.create_index('wait_stock_take_open', 'stock_take', ['place_id'],
                    postgresql_where=sa.text('approved_at is null and dropped_at is null'))
    op.create_index('wait_stock_transfer', 'stock_transfer', ['from_id', 'to_id'],
                    postgresql_where=sa.text('received_at is null and declined_at is null'))
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
