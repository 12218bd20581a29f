"""Several error declarations of one event; what was odd about a captured document."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('capture_job', sa.Column('warnings', postgresql.JSONB(astext_type=sa.Text()), nullable=False, server_default='[]'))
    op.alter_column('capture_job', 'warnings', server_default=None)
    op.add_column('event', sa.Column('declaration', sa.String(length=64), nullable=False, server_default=''))
    op.alter_column('event', 'declaration', server_default=None)
    op.execute("update event set declaration = coalesce(encode(sha256(payload), 'hex'), replace(id::text, '-', '')) where declares_error")
    op.drop_constraint('uq_event_owner_id_event_id_declares_error', 'event')
    op.create_unique_constraint('uq_event_owner_id_event_id_declaration', 'event', ['owner_id', 'event_id', 'declaration'])
    op.drop_column('event', 'declares_error')
    op.execute('grant select (declaration) on event to furrow_public')


def downgrade() -> None:
    op.add_column('event', sa.Column('declares_error', sa.Boolean(), nullable=False, server_default='false'))
    op.execute("update event set declares_error = true where declaration <> ''")
    op.drop_constraint('uq_event_owner_id_event_id_declaration', 'event')
    op.create_unique_constraint('uq_event_owner_id_event_id_declares_error', 'event', ['owner_id', 'event_id', 'declares_error'])
    op.drop_column('event', 'declaration')
    op.drop_column('capture_job', 'warnings')
