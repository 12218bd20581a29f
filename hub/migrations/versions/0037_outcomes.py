"""A capture job knows what became of each of its events."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0037'
down_revision = '0036'
branch_labels = None
depends_on = None


def upgrade() -> None:
    known = sa.Column('known', postgresql.JSONB(), nullable=False, server_default='[]')
    op.add_column('capture_job', known)
    op.add_column('capture_job', sa.Column('first_event', sa.Uuid(), nullable=True))
    op.add_column('capture_job', sa.Column('last_event', sa.Uuid(), nullable=True))


def downgrade() -> None:
    for name in ('last_event', 'first_event', 'known'):
        op.drop_column('capture_job', name)
