"""The id of the click that an event, a message or a command for a core began with."""

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

CARRY_ON = ('event', 'outbox_message', 'core_command')


def upgrade() -> None:
    for table in CARRY_ON:
        op.add_column(table, sa.Column('trace', sa.Uuid(), nullable=True))


def downgrade() -> None:
    for table in CARRY_ON:
        op.drop_column(table, 'trace')
