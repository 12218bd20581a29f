"""Plans whose search failed, and figures that cannot be planned with."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('route_plan', sa.Column('searched', sa.Boolean(), nullable=False, server_default='true'))
    op.alter_column('route_plan', 'searched', server_default=None)
    op.add_column('route_plan', sa.Column('failure', postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default='{}'))
    op.alter_column('route_plan', 'failure', server_default=None)


def downgrade() -> None:
    op.drop_column('route_plan', 'failure')
    op.drop_column('route_plan', 'searched')
