"""Lines of scorecards that are disputed, and what was said to that."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0063'
down_revision = '0062'
branch_labels = None
depends_on = None

MINE = 'owner_id = (select app_org())'
READ_BY = {'score_dispute': 'buyer_id', 'score_ruling': 'supplier_id'}


def _text(length: int) -> sa.types.TypeEngine:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def _id(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _at(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


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
        'score_dispute',
        ('buyer_id', 'measure', 'subject_id'),
        _id('buyer_id'),
        sa.Column('measure', sa.String(24), nullable=False),
        _id('subject_id'),
        sa.Column('about', _text(200), nullable=False),
        sa.Column('reason', _text(400), nullable=False),
        _at('disputed_at'),
    )
    op.create_index(op.f('ix_score_dispute_buyer_id'), 'score_dispute', ['buyer_id'])
    _table(
        'score_ruling',
        ('dispute_id',),
        _id('supplier_id'),
        _id('dispute_id'),
        sa.Column('accepted', sa.Boolean(), nullable=False),
        sa.Column('words', _text(400), nullable=False),
        _at('ruled_at'),
        sa.ForeignKeyConstraint(['supplier_id', 'dispute_id'], ['score_dispute.owner_id', 'score_dispute.id'],
                                name=op.f('fk_score_ruling_supplier_id_score_dispute')),
    )
    op.create_index(op.f('ix_score_ruling_supplier_id'), 'score_ruling', ['supplier_id'])
    op.create_index(op.f('ix_score_ruling_dispute_id'), 'score_ruling', ['dispute_id'])
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
    op.drop_table('score_ruling')
    op.drop_table('score_dispute')
