"""Of each subscription it is kept when its subscriber was last told, and what it answered."""

import sqlalchemy as sa
from alembic import op

revision = '0046'
down_revision = '0045'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('subscription', sa.Column('tried_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('subscription', sa.Column('answered', sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column('subscription', 'answered')
    op.drop_column('subscription', 'tried_at')
