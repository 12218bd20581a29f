"""Browsers and addresses that a person has signed in from."""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('known_browser',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Uuid(), nullable=True),
    sa.Column('via', sa.String(length=24), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('browser', sa.LargeBinary(), nullable=False),
    sa.Column('address', sa.LargeBinary(), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['person.id'], name=op.f('fk_known_browser_user_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_known_browser')),
    sa.UniqueConstraint('owner_id', 'id', name=op.f('uq_known_browser_owner_id_id')),
    sa.UniqueConstraint('user_id', 'browser', 'address', name=op.f('uq_known_browser_user_id_browser_address'))
    )
    op.execute('alter table known_browser enable row level security')
    op.execute('alter table known_browser force row level security')
    op.execute('create policy o on known_browser to furrow_owner using (true) with check (true)')
    op.execute('create policy r on known_browser for select to furrow_app using (owner_id = (select app_org()))')
    op.execute('create policy i on known_browser for insert to furrow_app with check (owner_id = (select app_org()))')
    op.execute('create policy u on known_browser for update to furrow_app using (owner_id = (select app_org())) with check (owner_id = (select app_org()))')
    op.execute('create policy d on known_browser for delete to furrow_app using (owner_id = (select app_org()))')
    op.execute('grant select, insert, update, delete on known_browser to furrow_app')
    op.execute('grant select, insert, update, delete on known_browser to furrow_relay')
    op.execute("""create function known_from(person uuid, browser_mark bytea, address_mark bytea) returns text
 stable security definer set search_path = public language sql as
 $$select case when bool_or(browser = browser_mark) then 'browser' when bool_or(address = address_mark) then 'address' end
   from known_browser where user_id = person and seen_at > now() - interval '400 days'$$""")


def downgrade() -> None:
    op.execute('drop function known_from(uuid, bytea, bytea)')
    op.drop_table('known_browser')
