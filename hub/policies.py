"""Row-level security, said once: from what a model declares about its readers to PostgreSQL's policies.

Four roles meet these tables. The owner migrates; ``furrow_app`` serves one organisation and writes only its
rows; ``furrow_public`` reads what is published; ``furrow_relay`` passes by (BYPASSRLS) for the hub's own rounds.
"""

from typing import Any

from sqlmodel import SQLModel

from hub.roles import APP, OWNER, PUBLIC, RELAY

FUNCTIONS = [
    """create function app_org() returns uuid stable language sql as
 $$select nullif(current_setting('furrow.org', true), '')::uuid$$""",
    """create function partners() returns uuid[] stable security definer set search_path = public language sql as
 $$select array_agg(distinct o) from (
     select app_org() as o
     union select mine.partner_id from trade_relation mine
       join trade_relation theirs on theirs.owner_id = mine.partner_id and theirs.partner_id = mine.owner_id
       where mine.owner_id = app_org()
         and (mine.kind <> 'auditor'
           or current_date between mine.valid_from and coalesce(mine.valid_to, 'infinity'))
         and (theirs.kind <> 'auditor'
           or current_date between theirs.valid_from and coalesce(theirs.valid_to, 'infinity'))) as known$$""",
    """create function find_login(token bytea) returns table (
     login_id uuid, org_id uuid, org_kind text, user_id uuid, name text, language text, role text, place_id uuid,
     auth_at timestamptz, seen_at timestamptz, expires_at timestamptz, org_name_zh text, org_name_en text,
     acts_for bigint)
 stable security definer set search_path = public language sql as
 $$select l.id, m.owner_id, o.kind, u.id, u.name, u.language, m.role, m.place_id, l.auth_at, l.seen_at, l.expires_at,
   o.name_zh, o.name_en,
   (select count(*) from membership every where every.user_id = u.id and every.ended_at is null)
   from login l join membership m on m.id = l.membership_id join person u on u.id = l.user_id
   join organization o on o.id = m.owner_id
   where l.token_hash = token and m.ended_at is null and not l.half$$""",
    """create function find_half_login(token bytea) returns table (
     login_id uuid, org_id uuid, user_id uuid, auth_at timestamptz)
 stable security definer set search_path = public language sql as
 $$select l.id, l.owner_id, l.user_id, l.auth_at from login l join membership m on m.id = l.membership_id
   where l.token_hash = token and m.ended_at is null and l.half$$""",
    """create function has_administrator() returns boolean
 stable security definer set search_path = public language sql as
 $$select exists (select 1 from membership where role = 'administrator' and ended_at is null)$$""",
    """create function schema_version() returns text
 stable security definer set search_path = public language sql as
 $$select version_num from alembic_version$$""",
    """create function find_person(address text) returns table (
     user_id uuid, password text, membership_id uuid, org_id uuid)
 stable security definer set search_path = public language sql as
 $$select u.id, u.password, m.id, m.owner_id from person u join membership m on m.user_id = u.id
   where u.email = lower(address) and m.ended_at is null
   order by m.seen_at desc nulls last, m.created_at limit 1$$""",
    """create function find_account(address text) returns table (user_id uuid, password text)
 stable security definer set search_path = public language sql as
 $$select id, password from person where email = lower(address)$$""",
    """create function memberships_of(person_id uuid) returns table (
     membership_id uuid, org_id uuid, role text, name_zh text, name_en text)
 stable security definer set search_path = public language sql as
 $$select m.id, m.owner_id, m.role, o.name_zh, o.name_en from membership m join organization o on o.id = m.owner_id
   where m.user_id = person_id and m.ended_at is null order by m.seen_at desc nulls last, m.created_at$$""",
    """create function has_second_factor(person_id uuid) returns boolean
 stable security definer set search_path = public language sql as
 $$select exists (select 1 from authenticator where owner_id = person_id and confirmed_at is not null)
   or exists (select 1 from passkey where owner_id = person_id)$$""",
    """create function members_with_second_factor() returns setof uuid
 stable security definer set search_path = public language sql as
 $$select user_id from membership where owner_id = app_org() and has_second_factor(user_id)$$""",
    """create function find_passkey(credential bytea) returns table (passkey_id uuid, user_id uuid)
 stable security definer set search_path = public language sql as
 $$select id, owner_id from passkey where credential_id = credential$$""",
    """create function find_password_link(token bytea) returns table (link_id uuid, user_id uuid)
 stable security definer set search_path = public language sql as
 $$select id, owner_id from password_link where token_hash = token$$""",
    """create function find_invitation(token bytea) returns table (invitation_id uuid, org_id uuid)
 stable security definer set search_path = public language sql as
 $$select id, owner_id from invitation where token_hash = token$$""",
    """create function find_partner_invitation(token bytea) returns table (invitation_id uuid, org_id uuid)
 stable security definer set search_path = public language sql as
 $$select id, owner_id from partner_invitation where token_hash = token$$""",
    """create function find_api_key(token bytea) returns table (
     key_id uuid, org_id uuid, org_kind text, name text, scopes jsonb)
 stable security definer set search_path = public language sql as
 $$select k.id, k.owner_id, o.kind, k.name, k.scopes from api_key k join organization o on o.id = k.owner_id
   where k.token_hash = token and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())$$""",
    """create function count_attempts(key bytea, since timestamptz) returns bigint
 stable security definer set search_path = public language sql as
 $$select count(*) from sign_in_attempt where bucket = key and at > since$$""",
    """create function find_answer_link(token bytea) returns table (link_id uuid, org_id uuid)
 stable security definer set search_path = public language sql as
 $$select id, owner_id from answer_link where token_hash = token$$""",
    """create function find_report(token bytea) returns table (report_id uuid, owner_id uuid)
 stable security definer set search_path = public language sql as
 $$select id, owner_id from problem_report where token_hash = token$$""",
    """create function known_from(person uuid, browser_mark bytea, address_mark bytea) returns text
 stable security definer set search_path = public language sql as
 $$select case when bool_or(browser = browser_mark) then 'browser' \
when bool_or(address = address_mark) then 'address' end
   from known_browser where user_id = person and seen_at > now() - interval '400 days'$$""",
    """create function missing_records(who integer) returns setof bigint
 stable security definer set search_path = public language sql as
 $$select generate_series(1, coalesce((select max(seq) from log_leaf where member = who), 0))
   except (select seq from log_leaf where member = who
     intersect select seq from event where member = who and seq is not null)$$""",
    # The version before asks it. It goes with a migration of the next, when none of that version runs any more.
    """create function sealed_records(who integer) returns bigint
 stable security definer set search_path = public language sql as
 $$select count(*) from event where member = who and seq is not null$$""",
    """create function holds_lease(round text, who uuid, number bigint) returns boolean
 volatile security definer set search_path = public language sql as
 $$select exists (select 1 from (
     select 1 from lease where name = round and holder = who and term = number for share) held)$$""",
    # The version before asks it, and so it goes likewise.
    """create function ledger_members() returns table (organization_id uuid, member integer, gln text, kind text)
 stable security definer set search_path = public language sql as
 $$select id, member, gln, kind from organization where member is not null$$""",
    """create function members_with_numbers() returns table (
     organization_id uuid, member integer, gln text, former_gln text, kind text)
 stable security definer set search_path = public language sql as
 $$select id, member, gln, former_gln, kind from organization where member is not null$$""",
    """create function listings_of(number text) returns table (
     owner_id uuid, gln text, name_zh text, name_en text, listed_at timestamptz)
 stable security definer set search_path = public language sql as
 $$select o.id, o.gln, o.name_zh, o.name_en, i.created_at
   from trade_item i join organization o on o.id = i.owner_id where i.gtin = number$$""",
    """create function pulse_of_lot(
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
            select unnest(links) union select substring(unnest(links), '^https://id[.]gs1[.]org/01/[0-9]{14}')))))$$""",
    """create function names_said(events uuid[], identifiers text[]) returns table (
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
   order by e.id, v.element, v.vocabulary$$""",
    """create function words_about(which uuid) returns table (
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
   order by e.event_time desc limit 100$$""",
]
"""Functions the policies and the sign-in use; the definer ones look past the policies on purpose, and only there."""


def model_of(table: str) -> Any:
    """The model class behind a table's name."""
    for mapper in SQLModel._sa_registry.mappers:
        if str(mapper.local_table) == table:
            return mapper.class_
    raise KeyError(table)


def statements(table: str) -> list[str]:
    """The SQL that puts one table under row-level security, one policy a command."""
    model = model_of(table)
    mine = "owner_id = (select app_org())"
    readable = " or ".join(
        [
            mine,
            *(f"{column} = (select app_org())" for column in model.readers),
            *([f"({model.read_if})"] if model.read_if else []),
        ]
    )
    grants = "select, insert" if getattr(model, "append_only", False) else "select, insert, update, delete"
    sql = [
        f"alter table {table} enable row level security",
        f"alter table {table} force row level security",
        f"create policy o on {table} to {OWNER} using (true) with check (true)",
        f"create policy r on {table} for select to {APP} using ({readable})",
        f"create policy i on {table} for insert to {APP} with check ({mine})",
        f"create policy u on {table} for update to {APP} using ({mine}) with check ({mine})",
        f"create policy d on {table} for delete to {APP} using ({mine})",
        f"grant {grants} on {table} to {APP}",
        f"grant select, insert, update, delete on {table} to {RELAY}",
    ]
    if model.published_if:
        columns = ", ".join(f'"{column}"' for column in model.published_columns())
        sql += [
            f"create policy p on {table} for select to {PUBLIC} using ({model.published_if})",
            f"grant select ({columns}) on {table} to {PUBLIC}",
        ]
    return sql
