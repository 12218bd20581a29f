"""Who may speak of a lot: a producer's mandates, and the names of those who spoke without one."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

MINE = 'owner_id = (select app_org())'


def upgrade() -> None:
    op.create_table('mandate',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Uuid(), nullable=True),
    sa.Column('via', sqlmodel.sql.sqltypes.AutoString(length=24), nullable=False),
    sa.Column('speaker_id', sa.Uuid(), nullable=False),
    sa.Column('kind', sa.Enum('laboratory', 'certifier', 'carrier', name='speaksas', native_enum=False, length=24), nullable=False),
    sa.Column('link', sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
    sa.Column('valid_from', sa.Date(), nullable=False),
    sa.Column('valid_to', sa.Date(), nullable=True),
    sa.CheckConstraint('valid_to is null or valid_to >= valid_from', name=op.f('ck_mandate_ends_after_it_begins')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mandate')),
    sa.UniqueConstraint('owner_id', 'id', name=op.f('uq_mandate_owner_id_id'))
    )
    op.create_index(op.f('ix_mandate_speaker_id'), 'mandate', ['speaker_id'], unique=False)
    op.execute('alter table mandate enable row level security')
    op.execute('alter table mandate force row level security')
    op.execute('create policy o on mandate to furrow_owner using (true) with check (true)')
    op.execute(f'create policy r on mandate for select to furrow_app using ({MINE} or (true))')
    op.execute(f'create policy i on mandate for insert to furrow_app with check ({MINE})')
    op.execute(f'create policy u on mandate for update to furrow_app using ({MINE}) with check ({MINE})')
    op.execute(f'create policy d on mandate for delete to furrow_app using ({MINE})')
    op.execute('grant select, insert, update, delete on mandate to furrow_app')
    op.execute('grant select, insert, update, delete on mandate to furrow_relay')
    op.execute('create policy p on mandate for select to furrow_public using (true)')
    op.execute('grant select (id, owner_id, created_at, speaker_id, kind, link, valid_from, valid_to) on mandate to furrow_public')
    op.execute("""create function ledger_members() returns table (organization_id uuid, member integer, gln text, kind text)
 stable security definer set search_path = public language sql as
 $$select id, member, gln, kind from organization where member is not null$$""")
    op.execute("""create function words_about(which uuid) returns table (
     event_id uuid, writer_id uuid, member integer, biz_step text, event_time timestamptz, written_at timestamptz,
     name_zh text, name_en text)
 stable security definer set search_path = public language sql as
 $$select distinct e.id, o.id, e.member, e.biz_step, e.event_time, e.created_at, o.name_zh, o.name_en
   from lot l join trade_item i on i.id = l.trade_item_id
   join event_key k on k.link = 'https://id.gs1.org/01/' || i.gtin || '/10/' || (
     select string_agg(case when sign ~ '[A-Za-z0-9._~-]' then sign
         else '%' || upper(encode(convert_to(sign, 'UTF8'), 'hex')) end, '' order by place)
     from regexp_split_to_table(l.number, '') with ordinality as spelled(sign, place))
   join event e on e.id = k.event_id join organization o on o.id = e.owner_id
   where l.id = which and l.owner_id = app_org() and e.owner_id <> l.owner_id
   order by e.event_time desc limit 100$$""")


def downgrade() -> None:
    op.execute('drop function words_about(uuid)')
    op.execute('drop function ledger_members()')
    op.drop_table('mandate')
