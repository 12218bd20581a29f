"""A lease's name may hold a task's and what it is done for."""

import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Of a longer varchar PostgreSQL writes the catalogue alone; the table has a row for each task.
    op.execute("-- squawk-ignore changing-column-type\nalter table lease alter column name type varchar(200)")


def downgrade() -> None:
    op.execute("delete from lease where length(name) > 60")
    op.alter_column('lease', 'name', type_=sa.String(60), existing_type=sa.String(200), existing_nullable=False)
