"""What makes an event one of its kind is asked by its eventID first.

Led by the owner, this index was what PostgreSQL chose for the check of every key and reader that refers to an event
while the table was small; it kept that plan, and read all of the owner's events for each row until it was analysed.
"""

from alembic import op

revision = '0051'
down_revision = '0050'
branch_labels = None
depends_on = None

OLD, NEW = 'uq_event_owner_id_event_id_declaration', 'uq_event_event_id_declaration_owner_id'


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index(NEW, 'event', ['event_id', 'declaration', 'owner_id'], unique=True, if_not_exists=True,
                        postgresql_concurrently=True)
    op.execute(f'alter table event add constraint {NEW} unique using index {NEW}')
    op.execute(f'-- squawk-ignore ban-drop-constraint\nalter table event drop constraint {OLD}')


def downgrade() -> None:
    op.create_unique_constraint(OLD, 'event', ['owner_id', 'event_id', 'declaration'])
    op.drop_constraint(NEW, 'event')
