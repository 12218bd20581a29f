"""Prices for one buyer and for everybody, from a day until another."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None

MINE = 'owner_id = (select app_org())'
READABLE = f'{MINE} or buyer_id = (select app_org()) or (buyer_id is null and owner_id = any((select partners())::uuid[]))'
EVERYBODY = "'00000000-0000-0000-0000-000000000000'::uuid"
DAYS = ('daterange(valid_from, least(valid_to + 1,'
        ' case when ended_on is null then null else greatest(ended_on, valid_from) end))')


def upgrade() -> None:
    # A range of its own lets "the same item" stand beside "on the same day" in a GiST index without an extension.
    op.execute('create type uuidrange as range (subtype = uuid)')
    op.create_table('price',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Uuid(), nullable=True),
    sa.Column('via', sqlmodel.sql.sqltypes.AutoString(length=24), nullable=False),
    sa.Column('trade_item_id', sa.Uuid(), nullable=False),
    sa.Column('buyer_id', sa.Uuid(), nullable=True),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('price', sa.Numeric(precision=18, scale=4), nullable=False),
    sa.Column('currency', sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
    sa.Column('ended_on', sa.Date(), nullable=True),
    sa.CheckConstraint('valid_to is null or valid_to >= valid_from', name=op.f('ck_price_ends_after_it_begins')),
    sa.CheckConstraint('price >= 0', name=op.f('ck_price_not_negative')),
    sa.ForeignKeyConstraint(['owner_id', 'trade_item_id'], ['trade_item.owner_id', 'trade_item.id'], name=op.f('fk_price_owner_id_trade_item_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_price')),
    sa.UniqueConstraint('owner_id', 'id', name=op.f('uq_price_owner_id_id')),
    postgresql.ExcludeConstraint(
        (sa.text("uuidrange(trade_item_id, trade_item_id, '[]')"), '&&'),
        (sa.text(f"uuidrange(coalesce(buyer_id, {EVERYBODY}), coalesce(buyer_id, {EVERYBODY}), '[]')"), '&&'),
        (sa.text(DAYS), '&&'),
        name=op.f('ex_price_one_a_day'), using='gist')
    )
    op.create_index(op.f('ix_price_trade_item_id'), 'price', ['trade_item_id'])
    op.create_index(op.f('ix_price_buyer_id'), 'price', ['buyer_id'])
    op.execute('alter table price enable row level security')
    op.execute('alter table price force row level security')
    op.execute('create policy o on price to furrow_owner using (true) with check (true)')
    op.execute(f'create policy r on price for select to furrow_app using ({READABLE})')
    op.execute(f'create policy i on price for insert to furrow_app with check ({MINE})')
    op.execute(f'create policy u on price for update to furrow_app using ({MINE}) with check ({MINE})')
    op.execute(f'create policy d on price for delete to furrow_app using ({MINE})')
    op.execute('grant select, insert, update, delete on price to furrow_app')
    op.execute('grant select, insert, update, delete on price to furrow_relay')


def downgrade() -> None:
    op.drop_table('price')
    op.execute('drop type uuidrange')
