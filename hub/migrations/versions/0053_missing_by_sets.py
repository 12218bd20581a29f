"""Which numbers a member's stream lacks is asked by sets: what both tables hold, without a join.

Joined, a plan of when the stream was short was kept, and took the square of its length until the tables were analysed:
a bundle of ten thousand records of a young hub was cut off by the statement's time.
"""

from alembic import op

revision = '0053'
down_revision = '0052'
branch_labels = None
depends_on = None

SETS = """(select seq from log_leaf where member = who
     intersect select seq from event where member = who and seq is not null)"""
JOIN = """select l.seq from log_leaf l join event e on e.member = l.member and e.seq = l.seq where l.member = who"""
MISSING = """create or replace function missing_records(who integer) returns setof bigint
 stable security definer set search_path = public language sql as
 $$select generate_series(1, coalesce((select max(seq) from log_leaf where member = who), 0))
   except {}$$"""


def upgrade() -> None:
    op.execute(MISSING.format(SETS))


def downgrade() -> None:
    op.execute(MISSING.format(JOIN))
