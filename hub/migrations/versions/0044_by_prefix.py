"""Events are found by the beginning of their links and places, by an index that row-level security lets one use."""

from alembic import op

revision = '0044'
down_revision = '0043'
branch_labels = None
depends_on = None

FOUND = {
    'event': ('biz_step', 'disposition', 'read_point', 'biz_location'),
    'event_key': ('link',),
}


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for table, columns in FOUND.items():
            for column in columns:
                op.create_index(f'prefix_{table}_{column}', table, [column], if_not_exists=True,
                                postgresql_concurrently=True, postgresql_ops={column: 'text_pattern_ops'})
                op.drop_index(f'ix_{table}_{column}', table, if_exists=True, postgresql_concurrently=True)


def downgrade() -> None:
    for table, columns in FOUND.items():
        for column in columns:
            op.create_index(f'ix_{table}_{column}', table, [column])
            op.drop_index(f'prefix_{table}_{column}', table)
