"""Documents that are captured after the answer wait with their job."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0048'
down_revision = '0047'
branch_labels = None
depends_on = None

MINE = 'owner_id = (select app_org())'


def upgrade() -> None:
    table = 'capture_document'
    op.create_table(
        table,
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('owner_id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('created_by', sa.Uuid(), nullable=True),
        sa.Column('via', sqlmodel.sql.sqltypes.AutoString(length=24), nullable=False),
        sa.Column('job_id', sa.Uuid(), nullable=False),
        sa.Column('content', sa.LargeBinary(), nullable=False),
        sa.Column('media_type', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
        sa.Column('permissions', postgresql.JSONB(), nullable=False),
        sa.Column('attempts', sa.BigInteger(), nullable=False),
        sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('trace', sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_capture_document')),
        sa.UniqueConstraint('owner_id', 'id', name=op.f('uq_capture_document_owner_id_id')),
        sa.UniqueConstraint('owner_id', 'job_id', name=op.f('uq_capture_document_owner_id_job_id')),
        sa.ForeignKeyConstraint(['owner_id', 'job_id'], ['capture_job.owner_id', 'capture_job.id'],
                                name=op.f('fk_capture_document_owner_id_capture_job')),
    )
    op.create_index(op.f('ix_capture_document_due_at'), table, ['due_at'])
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
    op.drop_table('capture_document')
