"""Indexes that nothing asks, and keys that nothing refers to, of the tables that grow with every event."""

from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

UNASKED = ('job_id', 'leaf', 'log_index', 'submission_id')
UNREFERRED = ('event_audience', 'event_key', 'log_leaf')


def upgrade() -> None:
    for column in UNASKED:
        op.drop_index(op.f(f'ix_event_{column}'), table_name='event')
    for table in UNREFERRED:
        op.drop_constraint(op.f(f'uq_{table}_owner_id_id'), table, type_='unique')
    # Sealing writes each row anew once: what it leaves behind is used again before the table has grown by much.
    op.execute('alter table event set (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000)')


def downgrade() -> None:
    op.execute('alter table event reset (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold)')
    for table in UNREFERRED:
        op.create_unique_constraint(op.f(f'uq_{table}_owner_id_id'), table, ['owner_id', 'id'])
    for column in UNASKED:
        op.create_index(op.f(f'ix_event_{column}'), 'event', [column], unique=False)
