"""A record is missing where its row in the log is or its event, whichever of the two."""

from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""create or replace function missing_records(who integer) returns setof bigint
 stable security definer set search_path = public language sql as
 $$select generate_series(1, coalesce((select max(seq) from log_leaf where member = who), 0))
   except select l.seq from log_leaf l join event e on e.member = l.member and e.seq = l.seq where l.member = who$$""")


def downgrade() -> None:
    op.execute("""create or replace function missing_records(who integer) returns setof bigint
 stable security definer set search_path = public language sql as
 $$select s from generate_series(1, coalesce((select max(seq) from log_leaf where member = who), 0)) s
   where not exists (select 1 from event where member = who and seq = s)$$""")
