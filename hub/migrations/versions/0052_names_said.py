"""What senders of events call places and items of others' in their master data, told to who may read the events."""

from alembic import op

revision = '0052'
down_revision = '0051'
branch_labels = None
depends_on = None

INDEX, TABLE = 'ix_vocabulary_element_owner_id_element', 'vocabulary_element'


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index(INDEX, TABLE, ['owner_id', 'element'], if_not_exists=True, postgresql_concurrently=True)
    op.execute("""create function names_said(events uuid[], identifiers text[]) returns table (
     event_id uuid, identifier text, said jsonb, back_then boolean, today boolean)
 stable security definer set search_path = public language sql as
 $$select e.id, v.element, (
     select jsonb_object_agg(key, case jsonb_typeof(value) when 'string' then to_jsonb(left(value #>> '{}', 300))
         else value end)
     from jsonb_each(v.attributes)
     where key in ('urn:epcglobal:cbv:mda#name', 'urn:epcglobal:cbv:mda#descriptionShort', 'urn:epcglobal:cbv:mda#city')
       and (jsonb_typeof(value) = 'string' or length(value::text) < 10000)),
   v.created_at <= e.created_at and (v.replaced_at is null or v.replaced_at > e.created_at), v.replaced_at is null
   from unnest(events, identifiers) as asked(event_id, identifier)
   join event e on e.id = asked.event_id
   join vocabulary_element v on v.owner_id = e.owner_id and v.element = asked.identifier
   where (v.replaced_at is null or v.created_at <= e.created_at and v.replaced_at > e.created_at)
     and (e.published_at is not null or e.owner_id = app_org()
       or exists (select 1 from event_audience a
         where a.owner_id = e.owner_id and a.event_id = e.id and a.org_id = app_org())
       or exists (select 1 from trade_relation t
         where t.owner_id = e.owner_id and t.kind = 'auditor' and t.partner_id = app_org()
           and current_date between t.valid_from and coalesce(t.valid_to, 'infinity')))
     and (asked.identifier in (e.read_point, e.biz_location)
       or exists (select 1 from event_key k where k.event_id = e.id
         and (k.link = asked.identifier or starts_with(k.link, asked.identifier || '/')))
       or exists (
         select 1 from (
           select '"' || asked.identifier || '"'
           union all select '/' || gln[1] || '/' || gln[2] || gln[3] || '"' from regexp_matches(
             asked.identifier, '^https://id[.]gs1[.]org/(414|417)/([0-9]{13})((?:/254/[^/]+)?)$') gln
           union all select '"urn:epc:id:' || case gln[1] when '414' then 'sgln:' else 'pgln:' end || left(gln[2], n)
               || '.' || substr(gln[2], n + 1, 12 - n)
               || case gln[1] when '414' then '.' || coalesce(gln[3], '0') else '' end || '"'
             from regexp_matches(
               asked.identifier, '^https://id[.]gs1[.]org/(414|417)/([0-9]{13})(?:/254/([^/]+))?$') gln,
             generate_series(6, 12) n) as told(spelled)
         where position(convert_to(told.spelled, 'UTF8') in e.payload) > 0))
   order by e.id, v.element, v.vocabulary$$""")
    op.execute("""create or replace function pulse_of_lot(
     links text[], number_of_item text, number_of_lot text, parties uuid[], sites uuid[]) returns text
 stable security definer set search_path = public language sql as
 $$with said as (
     select id, owner_id, member, seq, xmin from event
     where id in (select event_id from event_key where link = any(links))),
   items as (select id, owner_id, picture_sha256, xmin from trade_item where gtin = number_of_item),
   lots as (select l.id, l.xmin from lot l join items i on i.id = l.trade_item_id where l.number = number_of_lot),
   makers as (select distinct owner_id from items),
   papers as (
     select c.id, c.owner_id, c.file_sha256, c.xmin from certificate c join makers using (owner_id)
     where c.lot_id is null or c.lot_id in (select id from lots)),
   files as (select owner_id, picture_sha256 as sha256 from items union select owner_id, file_sha256 from papers)
   select md5(concat_ws('|',
     (select string_agg(concat(id, xmin), ',' order by id) from said),
     (select string_agg(concat(l.id, l.xmin), ',' order by l.id) from log_leaf l
        join said s on s.member = l.member and s.seq = l.seq),
     (select string_agg(concat(id, xmin), ',' order by id) from items),
     (select string_agg(concat(id, xmin), ',' order by id) from lots),
     (select string_agg(concat(n.id, n.xmin), ',' order by n.id) from recall_notice n join lots l on l.id = n.lot_id),
     (select string_agg(concat(id, xmin), ',' order by id) from papers),
     (select string_agg(concat(d.id, d.xmin), ',' order by d.id) from document d join files using (owner_id, sha256)),
     (select string_agg(concat(m.id, m.xmin), ',' order by m.id) from mandate m join makers using (owner_id)),
     (select string_agg(concat(id, xmin), ',' order by id) from listing_dispute where gtin = number_of_item),
     (select string_agg(concat(id, xmin), ',' order by id) from organization where id = any(parties)),
     (select string_agg(concat(id, xmin), ',' order by id) from place where id = any(sites)),
     (select string_agg(concat(v.id, v.xmin), ',' order by v.id) from vocabulary_element v
        where v.owner_id in (select owner_id from said)
          and v.element in (
            select unnest(links) union select substring(unnest(links), '^https://id[.]gs1[.]org/01/[0-9]{14}')))))$$""")


def downgrade() -> None:
    op.execute("""create or replace function pulse_of_lot(
     links text[], number_of_item text, number_of_lot text, parties uuid[], sites uuid[]) returns text
 stable security definer set search_path = public language sql as
 $$with said as (
     select id, member, seq, xmin from event where id in (select event_id from event_key where link = any(links))),
   items as (select id, owner_id, picture_sha256, xmin from trade_item where gtin = number_of_item),
   lots as (select l.id, l.xmin from lot l join items i on i.id = l.trade_item_id where l.number = number_of_lot),
   makers as (select distinct owner_id from items),
   papers as (
     select c.id, c.owner_id, c.file_sha256, c.xmin from certificate c join makers using (owner_id)
     where c.lot_id is null or c.lot_id in (select id from lots)),
   files as (select owner_id, picture_sha256 as sha256 from items union select owner_id, file_sha256 from papers)
   select md5(concat_ws('|',
     (select string_agg(concat(id, xmin), ',' order by id) from said),
     (select string_agg(concat(l.id, l.xmin), ',' order by l.id) from log_leaf l
        join said s on s.member = l.member and s.seq = l.seq),
     (select string_agg(concat(id, xmin), ',' order by id) from items),
     (select string_agg(concat(id, xmin), ',' order by id) from lots),
     (select string_agg(concat(n.id, n.xmin), ',' order by n.id) from recall_notice n join lots l on l.id = n.lot_id),
     (select string_agg(concat(id, xmin), ',' order by id) from papers),
     (select string_agg(concat(d.id, d.xmin), ',' order by d.id) from document d join files using (owner_id, sha256)),
     (select string_agg(concat(m.id, m.xmin), ',' order by m.id) from mandate m join makers using (owner_id)),
     (select string_agg(concat(id, xmin), ',' order by id) from listing_dispute where gtin = number_of_item),
     (select string_agg(concat(id, xmin), ',' order by id) from organization where id = any(parties)),
     (select string_agg(concat(id, xmin), ',' order by id) from place where id = any(sites))))$$""")
    op.execute('drop function names_said(uuid[], text[])')
    op.drop_index(INDEX, TABLE)
