"""Answer times of single suppliers, second persons, fallback suppliers, and what was ordered elsewhere."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0060'
down_revision = '0059'
branch_labels = None
depends_on = None

MINE = 'owner_id = (select app_org())'
READ_BY = {'answer_time': 'supplier_id', 'second_person': '', 'fallback': '', 'moved_line': ''}


def _text(length: int) -> sa.types.TypeEngine:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def _id(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _hours(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _ended() -> sa.Column:
    return sa.Column('ended_on', sa.Date(), nullable=True)


def _table(name: str, *columns: sa.schema.SchemaItem) -> None:
    op.create_table(
        name,
        _id('id'),
        _id('owner_id'),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        _id('created_by', nullable=True),
        sa.Column('via', _text(24), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk_{name}')),
        sa.UniqueConstraint('owner_id', 'id', name=op.f(f'uq_{name}_owner_id_id')),
    )


def upgrade() -> None:
    _table(
        'answer_time',
        _id('supplier_id'),
        _hours('hours'),
        _hours('fallback_hours', nullable=True),
        _ended(),
        sa.UniqueConstraint('owner_id', 'supplier_id', name=op.f('uq_answer_time_owner_id_supplier_id')),
        sa.CheckConstraint('hours > 0 and fallback_hours >= 0', name=op.f('ck_answer_time_hours_not_negative')),
    )
    op.create_index(op.f('ix_answer_time_supplier_id'), 'answer_time', ['supplier_id'])
    _table(
        'second_person',
        _id('buyer_id', nullable=True),
        _id('user_id', nullable=True),
        _hours('hours_before'),
        _ended(),
        sa.UniqueConstraint('owner_id', 'buyer_id', name=op.f('uq_second_person_owner_id_buyer_id'),
                            postgresql_nulls_not_distinct=True),
        sa.CheckConstraint('hours_before >= 0', name=op.f('ck_second_person_hours_not_negative')),
    )
    _table(
        'fallback',
        _id('trade_item_id'),
        _id('supplier_id'),
        _id('fallback_item_id'),
        _id('fallback_supplier_id'),
        _ended(),
        sa.UniqueConstraint('owner_id', 'trade_item_id', name=op.f('uq_fallback_owner_id_trade_item_id')),
        sa.CheckConstraint('trade_item_id <> fallback_item_id', name=op.f('ck_fallback_another_item')),
    )
    _table(
        'moved_line',
        _id('order_id'),
        _id('order_line_id'),
        _id('new_order_id'),
        sa.Column('quantity', sa.Numeric(18, 6), nullable=False),
        sa.Column('automatic', sa.Boolean(), nullable=False),
        sa.Column('moved_at', sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint('owner_id', 'order_line_id', 'new_order_id',
                            name=op.f('uq_moved_line_owner_id_order_line_id_new_order_id')),
        sa.ForeignKeyConstraint(['owner_id', 'order_line_id'], ['order_line.owner_id', 'order_line.id'],
                                name=op.f('fk_moved_line_owner_id_order_line')),
        sa.ForeignKeyConstraint(['owner_id', 'new_order_id'], ['purchase_order.owner_id', 'purchase_order.id'],
                                name=op.f('fk_moved_line_owner_id_purchase_order')),
        sa.CheckConstraint('quantity > 0', name=op.f('ck_moved_line_quantity_positive')),
    )
    op.create_index(op.f('ix_moved_line_order_id'), 'moved_line', ['order_id'])
    for table, reader in READ_BY.items():
        seen = f'{MINE} or {reader} = (select app_org())' if reader else MINE
        op.execute(f'alter table {table} enable row level security')
        op.execute(f'alter table {table} force row level security')
        op.execute(f'create policy o on {table} to furrow_owner using (true) with check (true)')
        op.execute(f'create policy r on {table} for select to furrow_app using ({seen})')
        op.execute(f'create policy i on {table} for insert to furrow_app with check ({MINE})')
        op.execute(f'create policy u on {table} for update to furrow_app using ({MINE}) with check ({MINE})')
        op.execute(f'create policy d on {table} for delete to furrow_app using ({MINE})')
        op.execute(f'grant select, insert, update, delete on {table} to furrow_app')
        op.execute(f'grant select, insert, update, delete on {table} to furrow_relay')


def downgrade() -> None:
    for table in reversed(READ_BY):
        op.drop_table(table)
