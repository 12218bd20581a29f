"""A receipt is told on only once nobody may undo it any more; undone ones, and counts in parts, have their own rows."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0066'
down_revision = '0065'
branch_labels = None
depends_on = None

MINE = 'owner_id = (select app_org())'
OTHERS = '(supplier_id = (select app_org()) or haulier_id = (select app_org()))'
BEFORE = 'uq_receipt_photo_owner_id_shipment_line_id'
NOW = f'{BEFORE}_receipt_id'
TABLES = ('earlier_receipt', 'receipt_part')


def _id(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _at(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _rest() -> list[sa.Column]:
    return [_id('id'), _id('owner_id'), _at('created_at'), _id('created_by', nullable=True),
            sa.Column('via', sqlmodel.sql.sqltypes.AutoString(length=24), nullable=False)]


def _document(name: str) -> sa.Column:
    return sa.Column(name, postgresql.JSONB(astext_type=sa.Text()), nullable=False)


def upgrade() -> None:
    op.execute('alter table receipt add column final_at timestamptz')
    op.execute('alter table receipt add column told_at timestamptz')
    op.execute('drop policy r on receipt')
    op.execute(
        f'create policy r on receipt for select to furrow_app using ({MINE}'
        f' or ((final_at is null or told_at is not null) and {OTHERS}))'
    )
    op.execute('drop policy r on receipt_line')
    op.execute(
        f'create policy r on receipt_line for select to furrow_app using ({MINE} or ({OTHERS}'
        ' and exists (select 1 from receipt r where r.id = receipt_line.receipt_id)))'
    )
    op.add_column('receipt_photo', _id('receipt_id', nullable=True))
    op.create_table(
        'earlier_receipt', *_rest(), _id('shipment_id'), _id('receipt_id'), _at('received_at'), _at('undone_at'),
        sa.Column('disputed', sa.Boolean(), nullable=False),
        sa.Column('note', sqlmodel.sql.sqltypes.AutoString(length=400), nullable=False), _document('lines'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_earlier_receipt')),
        sa.UniqueConstraint('owner_id', 'id', name=op.f('uq_earlier_receipt_owner_id_id')),
    )
    op.create_index(op.f('ix_earlier_receipt_shipment_id'), 'earlier_receipt', ['shipment_id'])
    op.create_table(
        'receipt_part', *_rest(), _id('shipment_id'), _at('counted_at'), _document('lines'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_receipt_part')),
        sa.UniqueConstraint('owner_id', 'id', name=op.f('uq_receipt_part_owner_id_id')),
    )
    op.create_index(op.f('ix_receipt_part_shipment_id'), 'receipt_part', ['shipment_id'])
    for table in TABLES:
        op.execute(f'alter table {table} enable row level security')
        op.execute(f'alter table {table} force row level security')
        op.execute(f'create policy o on {table} to furrow_owner using (true) with check (true)')
        op.execute(f'create policy r on {table} for select to furrow_app using ({MINE})')
        op.execute(f'create policy i on {table} for insert to furrow_app with check ({MINE})')
        op.execute(f'create policy u on {table} for update to furrow_app using ({MINE}) with check ({MINE})')
        op.execute(f'create policy d on {table} for delete to furrow_app using ({MINE})')
        grants = 'select, insert' if table == 'earlier_receipt' else 'select, insert, update, delete'
        op.execute(f'grant {grants} on {table} to furrow_app')
        op.execute(f'grant select, insert, update, delete on {table} to furrow_relay')
    with op.get_context().autocommit_block():
        op.create_index(NOW, 'receipt_photo', ['owner_id', 'shipment_line_id', 'receipt_id'], unique=True,
                        if_not_exists=True, postgresql_concurrently=True)
    op.execute(f'alter table receipt_photo add constraint {NOW} unique using index {NOW}')
    op.execute(f'-- squawk-ignore ban-drop-constraint\nalter table receipt_photo drop constraint {BEFORE}')


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    op.drop_constraint(NOW, 'receipt_photo', type_='unique')
    op.drop_column('receipt_photo', 'receipt_id')
    op.create_unique_constraint(BEFORE, 'receipt_photo', ['owner_id', 'shipment_line_id'])
    for table in ('receipt_line', 'receipt'):
        op.execute(f'drop policy r on {table}')
        op.execute(f'create policy r on {table} for select to furrow_app using ({MINE} or {OTHERS})')
    op.drop_column('receipt', 'told_at')
    op.drop_column('receipt', 'final_at')
