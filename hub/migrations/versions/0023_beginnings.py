"""The link that makes the first administrator, and organisations that wait to become members of the ledger."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None

MINE = 'owner_id = (select app_org())'


def upgrade() -> None:
    op.create_table('admission_link',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Uuid(), nullable=True),
    sa.Column('via', sqlmodel.sql.sqltypes.AutoString(length=24), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=True),
    sa.Column('organization_id', sa.Uuid(), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['person.id'], name=op.f('fk_admission_link_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_admission_link')),
    sa.UniqueConstraint('owner_id', 'id', name=op.f('uq_admission_link_owner_id_id')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_admission_link_token_hash'))
    )
    op.create_table('enrolment',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Uuid(), nullable=True),
    sa.Column('via', sqlmodel.sql.sqltypes.AutoString(length=24), nullable=False),
    sa.Column('address', sqlmodel.sql.sqltypes.AutoString(length=42), nullable=True),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_enrolment')),
    sa.UniqueConstraint('owner_id', 'id', name=op.f('uq_enrolment_owner_id_id')),
    sa.UniqueConstraint('owner_id', name=op.f('uq_enrolment_owner_id'))
    )
    op.create_index('wait_enrolment', 'enrolment', ['created_at'], unique=False, postgresql_where=sa.text('done_at is null'))
    for table in ('admission_link', 'enrolment'):
        op.execute(f'alter table {table} enable row level security')
        op.execute(f'alter table {table} force row level security')
        op.execute(f'create policy o on {table} to furrow_owner using (true) with check (true)')
        op.execute(f'create policy r on {table} for select to furrow_app using ({MINE})')
        op.execute(f'create policy i on {table} for insert to furrow_app with check ({MINE})')
        op.execute(f'create policy u on {table} for update to furrow_app using ({MINE}) with check ({MINE})')
        op.execute(f'create policy d on {table} for delete to furrow_app using ({MINE})')
        op.execute(f'grant select, insert, update, delete on {table} to furrow_app')
        op.execute(f'grant select, insert, update, delete on {table} to furrow_relay')
    op.execute("""create function has_administrator() returns boolean
 stable security definer set search_path = public language sql as
 $$select exists (select 1 from membership where role = 'administrator' and ended_at is null)$$""")


def downgrade() -> None:
    op.execute('drop function has_administrator()')
    op.drop_index('wait_enrolment', table_name='enrolment')
    op.drop_table('enrolment')
    op.drop_table('admission_link')
