"""An organisation may have odd events refused; a buyer may ask its supplier for the data of a profile."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0045'
down_revision = '0044'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('organization', sa.Column('strict', sa.Boolean(), nullable=False, server_default=sa.false()))
    profile = sa.Column('profile', sqlmodel.sql.sqltypes.AutoString(length=40), nullable=False, server_default='')
    weight = sa.Column('profile_weight', sa.Enum('warn', 'refuse', name='askweight', native_enum=False, length=24),
                       nullable=False, server_default='warn')
    op.add_column('trade_relation', profile)
    op.add_column('trade_relation', weight)


def downgrade() -> None:
    op.drop_column('trade_relation', 'profile_weight')
    op.drop_column('trade_relation', 'profile')
    op.drop_column('organization', 'strict')
