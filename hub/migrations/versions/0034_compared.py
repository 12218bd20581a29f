"""When hub and core were compared last; an installation's next round says it."""

import sqlalchemy as sa
from alembic import op

revision = '0034'
down_revision = '0033'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('core_connection', sa.Column('compared_at', sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column('core_connection', 'compared_at')
