"""How suppliers deliver, to everybody and to one buyer."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None

MINE = 'owner_id = (select app_org())'
READABLE = f'{MINE} or buyer_id = (select app_org()) or (buyer_id is null and owner_id = any((select partners())::uuid[]))'


def upgrade() -> None:
    op.create_table('supply_terms',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Uuid(), nullable=True),
    sa.Column('via', sqlmodel.sql.sqltypes.AutoString(length=24), nullable=False),
    sa.Column('buyer_id', sa.Uuid(), nullable=True),
    sa.Column('lead_days', sa.BigInteger(), nullable=False),
    sa.Column('weekdays', sqlmodel.sql.sqltypes.AutoString(length=13), nullable=False),
    sa.Column('minimum', sa.Numeric(precision=18, scale=4), nullable=False),
    sa.Column('currency', sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
    sa.Column('days_off', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('ended_on', sa.Date(), nullable=True),
    sa.CheckConstraint('lead_days >= 0 and minimum >= 0', name=op.f('ck_supply_terms_not_negative')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_supply_terms')),
    sa.UniqueConstraint('owner_id', 'id', name=op.f('uq_supply_terms_owner_id_id')),
    sa.UniqueConstraint('owner_id', 'buyer_id', name=op.f('uq_supply_terms_owner_id_buyer_id'), postgresql_nulls_not_distinct=True)
    )
    op.create_index(op.f('ix_supply_terms_buyer_id'), 'supply_terms', ['buyer_id'])
    op.execute('alter table supply_terms enable row level security')
    op.execute('alter table supply_terms force row level security')
    op.execute('create policy o on supply_terms to furrow_owner using (true) with check (true)')
    op.execute(f'create policy r on supply_terms for select to furrow_app using ({READABLE})')
    op.execute(f'create policy i on supply_terms for insert to furrow_app with check ({MINE})')
    op.execute(f'create policy u on supply_terms for update to furrow_app using ({MINE}) with check ({MINE})')
    op.execute(f'create policy d on supply_terms for delete to furrow_app using ({MINE})')
    op.execute('grant select, insert, update, delete on supply_terms to furrow_app')
    op.execute('grant select, insert, update, delete on supply_terms to furrow_relay')


def downgrade() -> None:
    op.drop_table('supply_terms')
