"""A certificate has its file and an item its picture: kept as bytes, stated by their SHA-256."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0035'
down_revision = '0034'
branch_labels = None
depends_on = None

MINE = 'owner_id = (select app_org())'
NAMED = (
    'exists (select 1 from certificate c where c.owner_id = document.owner_id and c.file_sha256 = document.sha256)'
    ' or exists (select 1 from trade_item i'
    ' where i.owner_id = document.owner_id and i.picture_sha256 = document.sha256)'
)


def upgrade() -> None:
    for table, column in (('certificate', 'file_sha256'), ('trade_item', 'picture_sha256')):
        text = sqlmodel.sql.sqltypes.AutoString(length=64)
        op.add_column(table, sa.Column(column, text, nullable=False, server_default=''))
        op.execute(f'grant select ({column}) on {table} to furrow_public')
    op.create_table('document',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Uuid(), nullable=True),
    sa.Column('via', sqlmodel.sql.sqltypes.AutoString(length=24), nullable=False),
    sa.Column('sha256', sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
    sa.Column('media_type', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('small', sa.LargeBinary(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_document')),
    sa.UniqueConstraint('owner_id', 'id', name=op.f('uq_document_owner_id_id')),
    sa.UniqueConstraint('owner_id', 'sha256', name=op.f('uq_document_owner_id_sha256'))
    )
    op.create_index(op.f('ix_document_sha256'), 'document', ['sha256'], unique=False)
    op.execute('alter table document enable row level security')
    op.execute('alter table document force row level security')
    op.execute('create policy o on document to furrow_owner using (true) with check (true)')
    op.execute(f'create policy r on document for select to furrow_app using ({MINE} or ({NAMED}))')
    op.execute(f'create policy i on document for insert to furrow_app with check ({MINE})')
    op.execute(f'create policy u on document for update to furrow_app using ({MINE}) with check ({MINE})')
    op.execute(f'create policy d on document for delete to furrow_app using ({MINE})')
    op.execute('grant select, insert on document to furrow_app')
    op.execute('grant select, insert, update, delete on document to furrow_relay')
    op.execute(f'create policy p on document for select to furrow_public using ({NAMED})')
    columns = 'id, owner_id, created_at, sha256, media_type, size, content'
    op.execute(f'grant select ({columns}) on document to furrow_public')


def downgrade() -> None:
    op.drop_table('document')
    op.drop_column('trade_item', 'picture_sha256')
    op.drop_column('certificate', 'file_sha256')
