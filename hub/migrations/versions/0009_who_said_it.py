"""In which role somebody said that a vehicle arrived or handed over."""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ('arrived_as', 'delivered_as'):
        op.add_column('stop', sa.Column(name, sa.String(length=24), nullable=False, server_default=''))
        op.alter_column('stop', name, server_default=None)


def downgrade() -> None:
    op.drop_column('stop', 'delivered_as')
    op.drop_column('stop', 'arrived_as')
