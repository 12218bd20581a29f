"""What of a delivery differed is claimed, answered and settled; photos of it are kept, and goods go back."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0055'
down_revision = '0054'
branch_labels = None
depends_on = None

MINE = 'owner_id = (select app_org())'
READ_BY = {
    'claim': 'supplier_id',
    'claim_reply': 'buyer_id',
    'receipt_photo': 'supplier_id',
    'goods_return': 'supplier_id',
    'return_receipt': 'buyer_id',
}
ADDED_TO = ('claim_reply', 'receipt_photo', 'return_receipt')


def _text(length: int) -> sa.types.TypeEngine:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def _choice(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, length=24)


def _amount(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Numeric(18, 6), nullable=nullable)


def _money(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Numeric(18, 4), nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


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


def _identity(table: str, *once: str) -> list[sa.Constraint]:
    return [
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk_{table}')),
        sa.UniqueConstraint('owner_id', 'id', name=op.f(f'uq_{table}_owner_id_id')),
        sa.UniqueConstraint('owner_id', *once, name=op.f(f'uq_{table}_owner_id_{"_".join(once)}')),
    ]


def _of(table: str, column: str, other: str, by: str = 'owner_id') -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([by, column], [f'{other}.owner_id', f'{other}.id'],
                                   name=op.f(f'fk_{table}_{by}_{column}'))


def upgrade() -> None:
    op.add_column('receipt_line', sa.Column('concerned', sa.Numeric(18, 6), nullable=False, server_default='0'))
    op.create_table(
        'claim',
        *_record(),
        sa.Column('number', _text(30), nullable=False),
        *_ids('supplier_id', 'order_id', 'order_line_id', 'shipment_id', 'shipment_line_id', 'receipt_id', 'place_id',
              'trade_item_id', 'lot_id'),
        sa.Column('lot_number', _text(20), nullable=False),
        sa.Column('kind', _choice('claimkind', 'short', 'over', 'damaged', 'warm', 'wrong-lot', 'near-date', 'other'),
                  nullable=False),
        _amount('announced'),
        _amount('counted'),
        _amount('quantity'),
        sa.Column('unit', _text(3), nullable=False),
        _money('price'),
        _money('value'),
        sa.Column('currency', _text(3), nullable=False),
        sa.Column('words', _text(200), nullable=False),
        sa.Column('note', _text(400), nullable=False),
        sa.Column('temperature', _text(24), nullable=False),
        sa.Column('readings', postgresql.JSONB(), nullable=False),
        _moment('opened_at'),
        _moment('due_at'),
        sa.Column('round', sa.BigInteger(), nullable=False),
        _moment('insisted_at', nullable=True),
        sa.Column('insisted_because', _text(400), nullable=False),
        _moment('closed_at', nullable=True),
        sa.Column('outcome', _choice('claimoutcome', 'accepted', 'shared', 'refused', 'withdrawn'), nullable=True),
        _money('credit', nullable=True),
        sa.Column('closing_words', _text(400), nullable=False),
        *_identity('claim', 'number'),
        sa.UniqueConstraint('owner_id', 'shipment_line_id', name=op.f('uq_claim_owner_id_shipment_line_id')),
        sa.CheckConstraint('quantity > 0 and value >= 0', name=op.f('ck_claim_something_is_claimed')),
        _of('claim', 'order_id', 'purchase_order'),
        _of('claim', 'order_line_id', 'order_line'),
        _of('claim', 'shipment_line_id', 'shipment_line', 'supplier_id'),
    )
    op.create_index(op.f('ix_claim_supplier_id'), 'claim', ['supplier_id'])
    op.create_index(op.f('ix_claim_order_id'), 'claim', ['order_id'])
    op.create_index('wait_claim_open', 'claim', ['due_at'], postgresql_where=sa.text('closed_at is null'))
    op.create_table(
        'claim_reply',
        *_record(),
        *_ids('buyer_id', 'claim_id'),
        sa.Column('round', sa.BigInteger(), nullable=False),
        sa.Column('kind', _choice('replykind', 'accepted', 'shared', 'refused'), nullable=False),
        _amount('quantity', nullable=True),
        _money('credit'),
        sa.Column('reason', _text(400), nullable=False),
        _moment('replied_at'),
        *_identity('claim_reply', 'claim_id', 'round'),
        sa.CheckConstraint('credit >= 0', name=op.f('ck_claim_reply_credit_not_negative')),
        _of('claim_reply', 'claim_id', 'claim', 'buyer_id'),
    )
    op.create_index(op.f('ix_claim_reply_claim_id'), 'claim_reply', ['claim_id'])
    op.create_table(
        'receipt_photo',
        *_record(),
        *_ids('supplier_id', 'shipment_line_id'),
        sa.Column('content', sa.LargeBinary(), nullable=False),
        *_identity('receipt_photo', 'shipment_line_id'),
        _of('receipt_photo', 'shipment_line_id', 'shipment_line', 'supplier_id'),
    )
    op.create_table(
        'goods_return',
        *_record(),
        *_ids('supplier_id', 'claim_id'),
        _amount('quantity'),
        sa.Column('leaves_on', sa.Date(), nullable=False),
        sa.Column('words', _text(200), nullable=False),
        _moment('announced_at'),
        *_identity('goods_return', 'claim_id'),
        sa.CheckConstraint('quantity > 0', name=op.f('ck_goods_return_quantity_positive')),
        _of('goods_return', 'claim_id', 'claim'),
    )
    op.create_table(
        'return_receipt',
        *_record(),
        *_ids('buyer_id', 'return_id'),
        _amount('quantity'),
        sa.Column('words', _text(200), nullable=False),
        _moment('received_at'),
        *_identity('return_receipt', 'return_id'),
        sa.CheckConstraint('quantity >= 0', name=op.f('ck_return_receipt_quantity_not_negative')),
        _of('return_receipt', 'return_id', 'goods_return', 'buyer_id'),
    )
    for table, reader in READ_BY.items():
        verbs = 'select, insert' if table in ADDED_TO else 'select, insert, update, delete'
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
    for table in ('return_receipt', 'goods_return', 'receipt_photo', 'claim_reply', 'claim'):
        op.drop_table(table)
    op.drop_column('receipt_line', 'concerned')
