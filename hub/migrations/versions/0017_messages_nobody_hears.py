"""Messages that were published and heard by nobody wait no more: their kinds are gone."""

from alembic import op

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""update outbox_message set handled_at = now()
 where handled_at is null and type in ('OrderPlaced', 'OrderConfirmed', 'ShipmentAnnounced', 'EventsCaptured')""")


def downgrade() -> None:
    """What was marked stays marked."""
