"""Shoppers report problems of a lot to its maker and its retailer, who follow them up."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0047'
down_revision = '0046'
branch_labels = None
depends_on = None

MINE = 'owner_id = (select app_org())'
READ_BY = {
    'problem_report': ('retailer_id',),
    'report_contact': ('retailer_id',),
    'report_photo': ('retailer_id',),
    'report_follow_up': ('maker_id', 'retailer_id'),
}
ADDED_TO = ('report_follow_up',)


def _text(length: int) -> sa.types.TypeEngine:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def _record() -> list[sa.Column]:
    return [
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('owner_id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('created_by', sa.Uuid(), nullable=True),
        sa.Column('via', _text(24), nullable=False),
    ]


def _identity(table: str) -> list[sa.Constraint]:
    return [
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk_{table}')),
        sa.UniqueConstraint('owner_id', 'id', name=op.f(f'uq_{table}_owner_id_id')),
    ]


def _kept(table: str, kept: sa.Column) -> None:
    op.create_table(
        table,
        *_record(),
        sa.Column('report_id', sa.Uuid(), nullable=False),
        sa.Column('retailer_id', sa.Uuid(), nullable=True),
        kept,
        sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
        *_identity(table),
        sa.UniqueConstraint('owner_id', 'report_id', name=op.f(f'uq_{table}_owner_id_report_id')),
        sa.ForeignKeyConstraint(['owner_id', 'report_id'], ['problem_report.owner_id', 'problem_report.id'],
                                name=op.f(f'fk_{table}_owner_id_report_id')),
    )


def upgrade() -> None:
    op.create_table(
        'problem_report',
        *_record(),
        sa.Column('sought', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column('number', _text(10), nullable=False),
        sa.Column('lot_id', sa.Uuid(), nullable=False),
        sa.Column('retailer_id', sa.Uuid(), nullable=True),
        sa.Column('gtin', _text(14), nullable=False),
        sa.Column('lot_number', _text(20), nullable=False),
        sa.Column('item_zh', _text(120), nullable=False),
        sa.Column('item_en', _text(120), nullable=False),
        sa.Column('kind', sa.Enum('quality', 'foreign-body', 'packaging', 'label', 'illness', 'other', name='trouble',
                                  native_enum=False, length=24), nullable=False),
        sa.Column('words', _text(2000), nullable=False),
        sa.Column('has_photo', sa.Boolean(), nullable=False),
        sa.Column('token_hash', sa.LargeBinary(), nullable=False),
        sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
        *_identity('problem_report'),
        sa.UniqueConstraint('number', name=op.f('uq_problem_report_number')),
        sa.UniqueConstraint('token_hash', name=op.f('uq_problem_report_token_hash')),
        sa.ForeignKeyConstraint(['owner_id', 'lot_id'], ['lot.owner_id', 'lot.id'],
                                name=op.f('fk_problem_report_owner_id_lot_id')),
    )
    op.create_index(op.f('ix_problem_report_lot_id'), 'problem_report', ['lot_id'])
    op.create_index(op.f('ix_problem_report_retailer_id'), 'problem_report', ['retailer_id'])
    _kept('report_contact', sa.Column('contact', sqlmodel.sql.sqltypes.AutoString(), nullable=False))
    _kept('report_photo', sa.Column('content', sa.LargeBinary(), nullable=False))
    op.create_table(
        'report_follow_up',
        *_record(),
        sa.Column('report_id', sa.Uuid(), nullable=False),
        sa.Column('maker_id', sa.Uuid(), nullable=False),
        sa.Column('retailer_id', sa.Uuid(), nullable=True),
        sa.Column('writer', _text(120), nullable=False),
        sa.Column('words', _text(2000), nullable=False),
        sa.Column('answers', sa.Boolean(), nullable=False),
        sa.Column('closes', sa.Boolean(), nullable=False),
        *_identity('report_follow_up'),
        sa.ForeignKeyConstraint(['maker_id', 'report_id'], ['problem_report.owner_id', 'problem_report.id'],
                                name=op.f('fk_report_follow_up_maker_id_report_id')),
    )
    op.create_index(op.f('ix_report_follow_up_report_id'), 'report_follow_up', ['report_id'])
    for table, readers in READ_BY.items():
        readable = ' or '.join([MINE, *(f'{reader} = (select app_org())' for reader in readers)])
        verbs = 'select, insert' if table in ADDED_TO else 'select, insert, update, delete'
        op.execute(f'alter table {table} enable row level security')
        op.execute(f'alter table {table} force row level security')
        op.execute(f'create policy o on {table} to furrow_owner using (true) with check (true)')
        op.execute(f'create policy r on {table} for select to furrow_app using ({readable})')
        op.execute(f'create policy i on {table} for insert to furrow_app with check ({MINE})')
        op.execute(f'create policy u on {table} for update to furrow_app using ({MINE}) with check ({MINE})')
        op.execute(f'create policy d on {table} for delete to furrow_app using ({MINE})')
        op.execute(f'grant {verbs} on {table} to furrow_app')
        op.execute(f'grant select, insert, update, delete on {table} to furrow_relay')
    op.execute("""create function find_report(token bytea) returns table (report_id uuid, owner_id uuid)
 stable security definer set search_path = public language sql as
 $$select id, owner_id from problem_report where token_hash = token$$""")


def downgrade() -> None:
    op.execute('drop function find_report(bytea)')
    for table in ('report_follow_up', 'report_photo', 'report_contact', 'problem_report'):
        op.drop_table(table)
