"""Messages that wait for a person, blocks at which messages to the chain were sent, leases checked at commit."""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('outbox_message', sa.Column('parked_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('chain_message', sa.Column('sent_block', sa.BigInteger(), nullable=True))
    op.execute("""create function holds_lease(round text, who uuid, number bigint) returns boolean
 volatile security definer set search_path = public language sql as
 $$select exists (select 1 from (
     select 1 from lease where name = round and holder = who and term = number for share) held)$$""")


def downgrade() -> None:
    op.execute('drop function holds_lease(text, uuid, bigint)')
    op.drop_column('chain_message', 'sent_block')
    op.drop_column('outbox_message', 'parked_at')
