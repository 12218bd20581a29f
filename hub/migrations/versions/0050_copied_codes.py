"""Where the codes of single packs were scanned, and which of them may have been copied."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0050'
down_revision = '0049'
branch_labels = None
depends_on = None

MINE = 'owner_id = (select app_org())'


def _text(length: int) -> sa.types.TypeEngine:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def _record() -> list[sa.Column]:
    return [
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('owner_id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('created_by', sa.Uuid(), nullable=True),
        sa.Column('via', _text(24), nullable=False),
        sa.Column('gtin', _text(14), nullable=False),
        sa.Column('serial', _text(20), nullable=False),
    ]


def _identity(table: str) -> list[sa.Constraint]:
    return [
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk_{table}')),
        sa.UniqueConstraint('owner_id', 'id', name=op.f(f'uq_{table}_owner_id_id')),
    ]


def upgrade() -> None:
    op.create_table(
        'code_sighting',
        *_record(),
        sa.Column('city', _text(24), nullable=False),
        sa.Column('hour', sa.DateTime(timezone=True), nullable=False),
        sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('name_en', _text(80), nullable=False),
        sa.Column('name_zh', _text(80), nullable=False),
        sa.Column('country', _text(2), nullable=False),
        sa.Column('latitude', sa.Float(), nullable=False),
        sa.Column('longitude', sa.Float(), nullable=False),
        *_identity('code_sighting'),
        sa.UniqueConstraint('owner_id', 'gtin', 'serial', 'city', 'hour',
                            name=op.f('uq_code_sighting_owner_id_gtin_serial_city_hour')),
    )
    op.create_index('ix_code_sighting_seen_at', 'code_sighting', ['seen_at'])
    op.create_table(
        'copied_code',
        *_record(),
        sa.Column('lot_number', _text(20), nullable=False),
        sa.Column('item_zh', _text(120), nullable=False),
        sa.Column('item_en', _text(120), nullable=False),
        sa.Column('places', postgresql.JSONB(), nullable=False),
        sa.Column('kilometres', sa.BigInteger(), nullable=False),
        sa.Column('looked_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('looked_by', sa.Uuid(), nullable=True),
        sa.Column('looked_name', _text(120), nullable=False),
        *_identity('copied_code'),
    )
    op.create_index('uq_copied_code_open', 'copied_code', ['owner_id', 'gtin', 'serial'], unique=True,
                    postgresql_where=sa.text('looked_at is null'))
    for table in ('code_sighting', 'copied_code'):
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
    op.drop_table('copied_code')
    op.drop_table('code_sighting')
