"""What a buyer owes for goods that were counted, and statements of it that both sides confirm."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0057'
down_revision = '0056'
branch_labels = None
depends_on = None

MINE = 'owner_id = (select app_org())'
READ_BY = {'matched_line': 'supplier_id', 'statement': 'supplier_id', 'statement_reply': 'buyer_id'}


def _text(length: int) -> sa.types.TypeEngine:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def _money(name: str) -> sa.Column:
    return sa.Column(name, sa.Numeric(18, 4), nullable=False)


def _ids(*names: str) -> list[sa.Column]:
    return [sa.Column(name, sa.Uuid(), nullable=False) for name in names]


def _record() -> list[sa.Column]:
    return [
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('owner_id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('created_by', sa.Uuid(), nullable=True),
        sa.Column('via', _text(24), nullable=False),
    ]


def _identity(table: str, *once: tuple[str, ...]) -> list[sa.Constraint]:
    return [
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk_{table}')),
        sa.UniqueConstraint('owner_id', 'id', name=op.f(f'uq_{table}_owner_id_id')),
        *(sa.UniqueConstraint('owner_id', *names, name=op.f(f'uq_{table}_owner_id_{"_".join(names)}'))
          for names in once),
    ]


def _of(table: str, column: str, other: str, by: str = 'owner_id') -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([by, column], [f'{other}.owner_id', f'{other}.id'],
                                   name=op.f(f'fk_{table}_{by}_{other}'))


def upgrade() -> None:
    op.create_table(
        'matched_line',
        *_record(),
        *_ids('supplier_id', 'order_id', 'order_line_id', 'shipment_id', 'shipment_line_id', 'place_id',
              'trade_item_id'),
        sa.Column('lot_number', _text(20), nullable=False),
        *(sa.Column(name, sa.Numeric(18, 6), nullable=False) for name in ('ordered', 'announced', 'accepted')),
        sa.Column('unit', _text(3), nullable=False),
        _money('price'),
        sa.Column('currency', _text(3), nullable=False),
        sa.Column('day', sa.Date(), nullable=False),
        *_identity('matched_line', ('shipment_line_id',)),
        _of('matched_line', 'order_line_id', 'order_line'),
        _of('matched_line', 'shipment_line_id', 'shipment_line', 'supplier_id'),
    )
    op.create_index(op.f('ix_matched_line_supplier_id'), 'matched_line', ['supplier_id'])
    op.create_index(op.f('ix_matched_line_day'), 'matched_line', ['day'])
    op.create_table(
        'statement',
        *_record(),
        *_ids('supplier_id'),
        sa.Column('number', _text(40), nullable=False),
        sa.Column('month', sa.Date(), nullable=False),
        sa.Column('version', sa.BigInteger(), nullable=False),
        _money('goods'),
        _money('credit'),
        _money('total'),
        sa.Column('currency', _text(3), nullable=False),
        sa.Column('lines', postgresql.JSONB(), nullable=False),
        sa.Column('credits', postgresql.JSONB(), nullable=False),
        sa.Column('issued_at', sa.DateTime(timezone=True), nullable=False),
        *_identity('statement', ('number',), ('supplier_id', 'month', 'version')),
    )
    op.create_index(op.f('ix_statement_supplier_id'), 'statement', ['supplier_id'])
    op.create_table(
        'statement_reply',
        *_record(),
        *_ids('buyer_id', 'statement_id'),
        sa.Column('agrees', sa.Boolean(), nullable=False),
        sa.Column('words', _text(400), nullable=False),
        sa.Column('replied_at', sa.DateTime(timezone=True), nullable=False),
        *_identity('statement_reply', ('statement_id',)),
        _of('statement_reply', 'statement_id', 'statement', 'buyer_id'),
    )
    op.create_index(op.f('ix_statement_reply_statement_id'), 'statement_reply', ['statement_id'])
    for table, reader in READ_BY.items():
        verbs = 'select, insert' if table == 'statement_reply' else 'select, insert, update, delete'
        op.execute(f'alter table {table} enable row level security')
        op.execute(f'alter table {table} force row level security')
        op.execute(f'create policy o on {table} to furrow_owner using (true) with check (true)')
        op.execute(f'create policy r on {table} for select to furrow_app'
                   f' using ({MINE} or {reader} = (select app_org()))')
        op.execute(f'create policy i on {table} for insert to furrow_app with check ({MINE})')
        op.execute(f'create policy u on {table} for update to furrow_app using ({MINE}) with check ({MINE})')
        op.execute(f'create policy d on {table} for delete to furrow_app using ({MINE})')
        op.execute(f'grant {verbs} on {table} to furrow_app')
        op.execute(f'grant select, insert, update, delete on {table} to furrow_relay')


def downgrade() -> None:
    for table in ('statement_reply', 'statement', 'matched_line'):
        op.drop_table(table)
