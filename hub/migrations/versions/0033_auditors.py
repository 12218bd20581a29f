"""From which day until which an invited auditor may look; an audit that is over ends what both see of each other."""

import sqlalchemy as sa
from alembic import op

revision = '0033'
down_revision = '0032'
branch_labels = None
depends_on = None

PARTNERS = """create or replace function partners() returns uuid[] stable security definer
 set search_path = public language sql as
 $$select array_agg(distinct o) from (
     select app_org() as o
     union select mine.partner_id from trade_relation mine
       join trade_relation theirs on theirs.owner_id = mine.partner_id and theirs.partner_id = mine.owner_id
       where mine.owner_id = app_org()
         and (mine.kind <> 'auditor'
           or current_date between mine.valid_from and coalesce(mine.valid_to, 'infinity'))
         and (theirs.kind <> 'auditor'
           or current_date between theirs.valid_from and coalesce(theirs.valid_to, 'infinity'))) as known$$"""
BEFORE = """create or replace function partners() returns uuid[] stable security definer
 set search_path = public language sql as
 $$select array_agg(distinct o) from (
     select app_org() as o
     union select mine.partner_id from trade_relation mine
       join trade_relation theirs on theirs.owner_id = mine.partner_id and theirs.partner_id = mine.owner_id
       where mine.owner_id = app_org()) as known$$"""


def upgrade() -> None:
    op.add_column('partner_invitation', sa.Column('valid_from', sa.Date(), nullable=True))
    op.add_column('partner_invitation', sa.Column('valid_to', sa.Date(), nullable=True))
    op.execute(PARTNERS)


def downgrade() -> None:
    op.execute(BEFORE)
    op.drop_column('partner_invitation', 'valid_to')
    op.drop_column('partner_invitation', 'valid_from')
