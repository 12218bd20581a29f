"""Orders of which nothing more is wanted, and how much goods may outweigh what was announced."""

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('purchase_order', sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('organization', sa.Column('weight_tolerance', sa.Numeric(4, 3), nullable=False, server_default='0.05'))
    op.alter_column('organization', 'weight_tolerance', server_default=None)


def downgrade() -> None:
    op.drop_column('organization', 'weight_tolerance')
    op.drop_column('purchase_order', 'closed_at')
