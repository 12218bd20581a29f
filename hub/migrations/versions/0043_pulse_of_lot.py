"""A sign that changes with the rows that a lot's page is made of, so that the page can be kept until one does."""

from alembic import op

revision = '0043'
down_revision = '0042'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""create function pulse_of_lot(
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


def downgrade() -> None:
    op.execute('drop function pulse_of_lot(text[], text, text, uuid[], uuid[])')
