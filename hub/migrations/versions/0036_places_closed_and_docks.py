"""A place has docks, and days of the week on which it takes no goods in."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0036'
down_revision = '0035'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('place', sa.Column('docks', sa.BigInteger(), nullable=True))
    text = sqlmodel.sql.sqltypes.AutoString(length=13)
    op.add_column('place', sa.Column('closed_on', text, nullable=False, server_default=''))


def downgrade() -> None:
    op.drop_column('place', 'closed_on')
    op.drop_column('place', 'docks')
