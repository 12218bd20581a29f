"""A relation counts when both sides have said it; the public reads columns, not rows."""

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

PUBLISHED = {
    'organization': 'kind, name_zh, name_en, gln, time_zone, service_phone, member',
    'place': 'kind, name_zh, name_en, gln, latitude, longitude, time_zone',
    'trade_item': 'gtin, name_zh, name_en, category, unit, temperature, shelf_life_days',
    'lot': 'trade_item_id, number, made_on, best_before, key, event_id',
    'certificate': 'lot_id, kind, name_zh, name_en, number, issuer, valid_from, valid_to',
    'recall_notice': 'lot_id, recall_class, reason_zh, reason_en, opened_at, closed_at, salt, nonce, signature, message_number',
    'event': 'event_id, declares_error, type, biz_step, event_time, member, seq, payload, salt, commitment, leaf, log_index, submission_id, published_at',
    'event_key': 'event_id, link, part',
    'submission': 'member, first_seq, count, previous_head, new_head, summary_hash, signature, signer, append_number',
    'log_leaf': '"index", member, seq, previous, commitment, leaf, append_number',
    'log_tile': 'level, position, hashes',
    'log_append': 'number, old_size, new_size, root, state, block_number, block_hash, anchored_at',
}


def upgrade() -> None:
    op.add_column('organization', sa.Column('service_phone', sa.String(length=40), nullable=False, server_default=''))
    op.alter_column('organization', 'service_phone', server_default=None)
    # Until now every number was shown to shoppers: what was public stays so, in the column that says it is.
    op.execute('update organization set service_phone = phone')
    for table, columns in PUBLISHED.items():
        op.execute(f'revoke select on {table} from furrow_public')
        op.execute(f'grant select (id, owner_id, created_at, {columns}) on {table} to furrow_public')
    # Whoever was seen by a partner until now goes on being seen: the partner is taken to have agreed.
    op.execute("""insert into trade_relation (id, owner_id, created_at, via, partner_id, kind, valid_from, valid_to)
        select distinct on (t.partner_id, t.owner_id) gen_random_uuid(), t.partner_id, now(), 'migration', t.owner_id, o.kind,
          t.valid_from, t.valid_to
        from trade_relation t join organization o on o.id = t.owner_id
        where not exists (select 1 from trade_relation b where b.owner_id = t.partner_id and b.partner_id = t.owner_id)
        order by t.partner_id, t.owner_id, t.valid_from""")
    op.execute("""create or replace function partners() returns uuid[] stable security definer set search_path = public language sql as
 $$select array_agg(distinct o) from (
     select app_org() as o
     union select mine.partner_id from trade_relation mine
       join trade_relation theirs on theirs.owner_id = mine.partner_id and theirs.partner_id = mine.owner_id
       where mine.owner_id = app_org()) as known$$""")


def downgrade() -> None:
    op.execute("""create or replace function partners() returns uuid[] stable security definer set search_path = public language sql as
 $$select array_agg(distinct o) from (
     select app_org() as o
     union select partner_id from trade_relation where owner_id = app_org()
     union select owner_id from trade_relation where partner_id = app_org()) as known$$""")
    op.execute("delete from trade_relation where via = 'migration'")
    for table in PUBLISHED:
        op.execute(f'grant select on {table} to furrow_public')
    op.drop_column('organization', 'service_phone')
