"""Terms for late cancelling, what was called off, and what is owed for it in a month's statement."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0061'
down_revision = '0060'
branch_labels = None
depends_on = None

MINE = 'owner_id = (select app_org())'
READ_BY = {'cancel_term': 'buyer_id', 'cancel_term_reply': 'supplier_id', 'cancellation': 'supplier_id'}


def _text(length: int) -> sa.types.TypeEngine:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def _id(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _at(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _count(name: str) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _table(name: str, once: tuple[str, ...], *columns: sa.schema.SchemaItem) -> None:
    op.create_table(
        name,
        _id('id'),
        _id('owner_id'),
        _at('created_at'),
        _id('created_by', nullable=True),
        sa.Column('via', _text(24), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk_{name}')),
        sa.UniqueConstraint('owner_id', 'id', name=op.f(f'uq_{name}_owner_id_id')),
        sa.UniqueConstraint('owner_id', *once, name=op.f(f'uq_{name}_owner_id_{"_".join(once)}')),
    )


def upgrade() -> None:
    _table(
        'cancel_term',
        ('buyer_id', 'version'),
        _id('buyer_id'),
        _count('version'),
        _count('free_hours'),
        sa.Column('share', sa.Numeric(4, 3), nullable=False),
        _at('stated_at'),
        sa.CheckConstraint('free_hours >= 0 and share between 0 and 1', name=op.f('ck_cancel_term_possible')),
    )
    op.create_index(op.f('ix_cancel_term_buyer_id'), 'cancel_term', ['buyer_id'])
    _table(
        'cancel_term_reply',
        ('term_id',),
        _id('supplier_id'),
        _id('term_id'),
        sa.Column('agrees', sa.Boolean(), nullable=False),
        sa.Column('words', _text(400), nullable=False),
        _at('replied_at'),
        sa.ForeignKeyConstraint(['supplier_id', 'term_id'], ['cancel_term.owner_id', 'cancel_term.id'],
                                name=op.f('fk_cancel_term_reply_supplier_id_cancel_term')),
    )
    op.create_index(op.f('ix_cancel_term_reply_supplier_id'), 'cancel_term_reply', ['supplier_id'])
    op.create_index(op.f('ix_cancel_term_reply_term_id'), 'cancel_term_reply', ['term_id'])
    _table(
        'cancellation',
        ('order_id',),
        _id('supplier_id'),
        _id('order_id'),
        sa.Column('number', _text(30), nullable=False),
        _count('version'),
        _id('term_id', nullable=True),
        _at('cancelled_at'),
        sa.Column('day', sa.Date(), nullable=False),
        sa.Column('owed', sa.Numeric(18, 4), nullable=False),
        sa.Column('currency', _text(3), nullable=False),
        sa.Column('lines', postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(['owner_id', 'order_id'], ['purchase_order.owner_id', 'purchase_order.id'],
                                name=op.f('fk_cancellation_owner_id_purchase_order')),
    )
    op.create_index(op.f('ix_cancellation_supplier_id'), 'cancellation', ['supplier_id'])
    # With defaults, since the version before issues statements that say nothing of these.
    op.add_column('statement', sa.Column('cancelled', sa.Numeric(18, 4), nullable=False, server_default='0'))
    op.add_column('statement', sa.Column('cancellations', postgresql.JSONB(), nullable=False, server_default='[]'))
    for table, reader in READ_BY.items():
        op.execute(f'alter table {table} enable row level security')
        op.execute(f'alter table {table} force row level security')
        op.execute(f'create policy o on {table} to furrow_owner using (true) with check (true)')
        op.execute(f'create policy r on {table} for select to furrow_app'
                   f' using ({MINE} or {reader} = (select app_org()))')
        op.execute(f'create policy i on {table} for insert to furrow_app with check ({MINE})')
        op.execute(f'create policy u on {table} for update to furrow_app using ({MINE}) with check ({MINE})')
        op.execute(f'create policy d on {table} for delete to furrow_app using ({MINE})')
        op.execute(f'grant select, insert on {table} to furrow_app')
        op.execute(f'grant select, insert, update, delete on {table} to furrow_relay')


def downgrade() -> None:
    op.drop_column('statement', 'cancellations')
    op.drop_column('statement', 'cancelled')
    for table in ('cancellation', 'cancel_term_reply', 'cancel_term'):
        op.drop_table(table)
