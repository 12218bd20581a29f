"""Master data in the headers of captured documents is kept, version after version, for its sender's queries."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0042'
down_revision = '0041'
branch_labels = None
depends_on = None

MINE = 'owner_id = (select app_org())'
TABLE = 'vocabulary_element'


def upgrade() -> None:
    op.create_table(TABLE,
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Uuid(), nullable=True),
    sa.Column('via', sqlmodel.sql.sqltypes.AutoString(length=24), nullable=False),
    sa.Column('vocabulary', sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
    sa.Column('element', sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('attributes', postgresql.JSONB(), nullable=False),
    sa.Column('children', postgresql.JSONB(), nullable=False),
    sa.Column('digest', sqlmodel.sql.sqltypes.AutoString(length=64), nullable=False),
    sa.Column('replaced_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_vocabulary_element')),
    sa.UniqueConstraint('owner_id', 'id', name=op.f('uq_vocabulary_element_owner_id_id')),
    sa.UniqueConstraint('owner_id', 'vocabulary', 'element', 'version',
                        name=op.f('uq_vocabulary_element_owner_id_vocabulary_element_version'))
    )
    op.create_index('ix_vocabulary_element_current', TABLE, ['owner_id', 'vocabulary', 'element'], unique=False,
                    postgresql_where=sa.text('replaced_at is null'))
    op.execute(f'alter table {TABLE} enable row level security')
    op.execute(f'alter table {TABLE} force row level security')
    op.execute(f'create policy o on {TABLE} to furrow_owner using (true) with check (true)')
    op.execute(f'create policy r on {TABLE} for select to furrow_app using ({MINE})')
    op.execute(f'create policy i on {TABLE} for insert to furrow_app with check ({MINE})')
    op.execute(f'create policy u on {TABLE} for update to furrow_app using ({MINE}) with check ({MINE})')
    op.execute(f'create policy d on {TABLE} for delete to furrow_app using ({MINE})')
    op.execute(f'grant select, insert, update, delete on {TABLE} to furrow_app')
    op.execute(f'grant select, insert, update, delete on {TABLE} to furrow_relay')


def downgrade() -> None:
    op.drop_table(TABLE)
