"""Retailers invite suppliers and hauliers by a link."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None

MINE = 'owner_id = (select app_org())'


def upgrade() -> None:
    op.create_table('partner_invitation',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Uuid(), nullable=True),
    sa.Column('via', sqlmodel.sql.sqltypes.AutoString(length=24), nullable=False),
    sa.Column('kind', sa.Enum('retailer', 'supplier', 'haulier', 'auditor', 'operator', name='organizationkind', native_enum=False, length=24), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('used_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('used_by', sa.Uuid(), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_partner_invitation')),
    sa.UniqueConstraint('owner_id', 'id', name=op.f('uq_partner_invitation_owner_id_id')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_partner_invitation_token_hash'))
    )
    op.execute('alter table partner_invitation enable row level security')
    op.execute('alter table partner_invitation force row level security')
    op.execute('create policy o on partner_invitation to furrow_owner using (true) with check (true)')
    op.execute(f'create policy r on partner_invitation for select to furrow_app using ({MINE})')
    op.execute(f'create policy i on partner_invitation for insert to furrow_app with check ({MINE})')
    op.execute(f'create policy u on partner_invitation for update to furrow_app using ({MINE}) with check ({MINE})')
    op.execute(f'create policy d on partner_invitation for delete to furrow_app using ({MINE})')
    op.execute('grant select, insert, update, delete on partner_invitation to furrow_app')
    op.execute('grant select, insert, update, delete on partner_invitation to furrow_relay')
    op.execute("""create function find_partner_invitation(token bytea) returns table (invitation_id uuid, org_id uuid)
 stable security definer set search_path = public language sql as
 $$select id, owner_id from partner_invitation where token_hash = token$$""")


def downgrade() -> None:
    op.execute('drop function find_partner_invitation(bytea)')
    op.drop_table('partner_invitation')
