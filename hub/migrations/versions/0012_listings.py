"""Who lists an article number, and who says that somebody may not."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

MINE = 'owner_id = (select app_org())'


def upgrade() -> None:
    op.create_table('listing_dispute',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Uuid(), nullable=True),
    sa.Column('via', sqlmodel.sql.sqltypes.AutoString(length=24), nullable=False),
    sa.Column('listed_by_id', sa.Uuid(), nullable=False),
    sa.Column('gtin', sqlmodel.sql.sqltypes.AutoString(length=14), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(length=400), nullable=False),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_listing_dispute')),
    sa.UniqueConstraint('owner_id', 'id', name=op.f('uq_listing_dispute_owner_id_id'))
    )
    op.create_index(op.f('ix_listing_dispute_gtin'), 'listing_dispute', ['gtin'], unique=False)
    op.execute('alter table listing_dispute enable row level security')
    op.execute('alter table listing_dispute force row level security')
    op.execute('create policy o on listing_dispute to furrow_owner using (true) with check (true)')
    op.execute(f'create policy r on listing_dispute for select to furrow_app using ({MINE} or (true))')
    op.execute(f'create policy i on listing_dispute for insert to furrow_app with check ({MINE})')
    op.execute(f'create policy u on listing_dispute for update to furrow_app using ({MINE}) with check ({MINE})')
    op.execute(f'create policy d on listing_dispute for delete to furrow_app using ({MINE})')
    op.execute('grant select, insert, update, delete on listing_dispute to furrow_app')
    op.execute('grant select, insert, update, delete on listing_dispute to furrow_relay')
    op.execute('create policy p on listing_dispute for select to furrow_public using (true)')
    op.execute('grant select (id, owner_id, created_at, listed_by_id, gtin, reason, withdrawn_at) on listing_dispute to furrow_public')
    op.execute("""create function listings_of(number text) returns table (
     owner_id uuid, gln text, name_zh text, name_en text, listed_at timestamptz)
 stable security definer set search_path = public language sql as
 $$select o.id, o.gln, o.name_zh, o.name_en, i.created_at
   from trade_item i join organization o on o.id = i.owner_id where i.gtin = number$$""")


def downgrade() -> None:
    op.execute('drop function listings_of(text)')
    op.drop_index(op.f('ix_listing_dispute_gtin'), table_name='listing_dispute')
    op.drop_table('listing_dispute')
