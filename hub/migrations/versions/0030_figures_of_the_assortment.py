"""What a retailer asks of an item of its assortment: a safety level, days between looks, days left on receipt."""

import sqlalchemy as sa
from alembic import op

revision = '0030'
down_revision = '0029'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('assortment', sa.Column('safety', sa.Numeric(precision=18, scale=6), nullable=True))
    op.add_column('assortment', sa.Column('review_days', sa.BigInteger(), nullable=True))
    op.add_column('assortment', sa.Column('least_days_left', sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column('assortment', 'least_days_left')
    op.drop_column('assortment', 'review_days')
    op.drop_column('assortment', 'safety')
