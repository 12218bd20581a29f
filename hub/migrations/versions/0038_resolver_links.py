"""Where GS1 Digital Links lead."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0038'
down_revision = '0037'
branch_labels = None
depends_on = None

MINE = 'owner_id = (select app_org())'
PUBLISHED = ('id', 'owner_id', 'created_at', 'about', 'path', 'anchor', 'link_type', 'href', 'title', 'media_type',
             'languages', 'contexts', 'is_default', 'valid_from', 'valid_to', 'ended_on')


def text(name: str, length: int) -> sa.Column:
    return sa.Column(name, sqlmodel.sql.sqltypes.AutoString(length=length), nullable=False)


def upgrade() -> None:
    op.create_table('resolver_link',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Uuid(), nullable=True),
    text('via', 24),
    text('about', 300),
    text('path', 300),
    text('anchor', 120),
    text('link_type', 60),
    text('href', 2000),
    text('title', 120),
    text('media_type', 100),
    text('languages', 120),
    text('contexts', 200),
    sa.Column('is_default', sa.Boolean(), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.Column('ended_on', sa.Date(), nullable=True),
    sa.CheckConstraint('valid_to is null or valid_to >= valid_from', name=op.f('ck_resolver_link_ends_after_it_begins')),
    sa.CheckConstraint("href ~ '^https?://'", name=op.f('ck_resolver_link_leads_to_the_web')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_resolver_link')),
    sa.UniqueConstraint('owner_id', 'id', name=op.f('uq_resolver_link_owner_id_id'))
    )
    op.create_index(op.f('ix_resolver_link_path'), 'resolver_link', ['path'])
    op.create_index(op.f('ix_resolver_link_anchor'), 'resolver_link', ['anchor'])
    op.execute('alter table resolver_link enable row level security')
    op.execute('alter table resolver_link force row level security')
    op.execute('create policy o on resolver_link to furrow_owner using (true) with check (true)')
    op.execute(f'create policy r on resolver_link for select to furrow_app using ({MINE})')
    op.execute(f'create policy i on resolver_link for insert to furrow_app with check ({MINE})')
    op.execute(f'create policy u on resolver_link for update to furrow_app using ({MINE}) with check ({MINE})')
    op.execute(f'create policy d on resolver_link for delete to furrow_app using ({MINE})')
    op.execute('grant select, insert, update, delete on resolver_link to furrow_app')
    op.execute('grant select, insert, update, delete on resolver_link to furrow_relay')
    op.execute('create policy p on resolver_link for select to furrow_public using (ended_on is null)')
    columns = ', '.join(f'"{name}"' for name in PUBLISHED)
    op.execute(f'grant select ({columns}) on resolver_link to furrow_public')


def downgrade() -> None:
    op.drop_table('resolver_link')
