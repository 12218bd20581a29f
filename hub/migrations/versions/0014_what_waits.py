"""Indexes of the few rows that wait for a round, in tables whose other rows are done; and of a shipment's SSCC."""

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None

WAITS = [
    ('wait_event_unsealed', 'event', ['member', 'id'], 'seq is null'),
    ('wait_log_append_sealed', 'log_append', ['number'], "state = 'sealed'"),
    ('wait_chain_message_not_final', 'chain_message', ['state', 'number'], "state <> 'final'"),
    ('wait_lot_claim_unsent', 'lot_claim', ['id'], 'message_number is null'),
    ('wait_recall_notice_unsent', 'recall_notice', ['owner_id', 'nonce'], 'message_number is null'),
    ('wait_core_command_due', 'core_command', ['next_at'], "state = 'waiting'"),
    ('wait_outbox_message_due', 'outbox_message', ['next_at'], 'handled_at is null and parked_at is null'),
]
WIDER = ('core_command', 'outbox_message')


def upgrade() -> None:
    for name, table, columns, until in WAITS:
        op.create_index(name, table, columns, unique=False, postgresql_where=sa.text(until))
    for table in WIDER:
        op.drop_index(op.f(f'ix_{table}_next_at'), table_name=table)
    op.create_index(op.f('ix_shipment_sscc'), 'shipment', ['sscc'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_shipment_sscc'), table_name='shipment')
    for table in WIDER:
        op.create_index(op.f(f'ix_{table}_next_at'), table, ['next_at'], unique=False)
    for name, table, _columns, _until in WAITS:
        op.drop_index(name, table_name=table)
