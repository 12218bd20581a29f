"""Documents that other systems send here are kept as they came, with what became of each."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0056'
down_revision = '0055'
branch_labels = None
depends_on = None

MINE = 'owner_id = (select app_org())'


def _text(length: int) -> sa.types.TypeEngine:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def upgrade() -> None:
    table = 'trade_document'
    op.create_table(
        table,
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('owner_id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('created_by', sa.Uuid(), nullable=True),
        sa.Column('via', _text(24), nullable=False),
        sa.Column('kind', _text(40), nullable=False),
        sa.Column('number', _text(100), nullable=False),
        sa.Column('about', _text(30), nullable=False),
        sa.Column('file_name', _text(200), nullable=False),
        sa.Column('sender', _text(120), nullable=False),
        sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('tried_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('tries', sa.BigInteger(), nullable=False),
        sa.Column('sha256', _text(64), nullable=False),
        sa.Column('size', sa.BigInteger(), nullable=False),
        sa.Column('content', sa.LargeBinary(), nullable=False),
        sa.Column('outcome', sa.Enum('taken', 'refused', name='outcome', native_enum=False, length=24),
                  nullable=False),
        sa.Column('code', _text(60), nullable=False),
        sa.Column('faults', postgresql.JSONB(), nullable=False),
        sa.Column('done', postgresql.JSONB(), nullable=False),
        sa.Column('unread', postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk_{table}')),
        sa.UniqueConstraint('owner_id', 'id', name=op.f(f'uq_{table}_owner_id_id')),
        sa.UniqueConstraint('owner_id', 'sha256', name=op.f(f'uq_{table}_owner_id_sha256')),
    )
    op.create_index('uq_trade_document_taken', table, ['owner_id', 'kind', 'number'], unique=True,
                    postgresql_where=sa.text("outcome = 'taken'"))
    op.create_index('ix_trade_document_latest', table, ['owner_id', sa.text('received_at desc'), sa.text('id desc')])
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
    op.drop_table('trade_document')
