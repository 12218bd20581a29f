"""What an order asked of its goods' remaining life stays with its lines."""

import sqlalchemy as sa
from alembic import op

revision = '0067'
down_revision = '0066'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('order_line', sa.Column('least_days_left', sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column('order_line', 'least_days_left')
