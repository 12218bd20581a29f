"""How long a retailer lets its suppliers think about an order, and the number that a real GLN replaced."""

import sqlalchemy as sa
from alembic import op

revision = '0032'
down_revision = '0031'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('organization', sa.Column('answer_hours', sa.BigInteger(), nullable=True))
    op.add_column('organization', sa.Column('former_gln', sa.String(length=13), nullable=True))
    op.execute("""create function members_with_numbers() returns table (
     organization_id uuid, member integer, gln text, former_gln text, kind text)
 stable security definer set search_path = public language sql as
 $$select id, member, gln, former_gln, kind from organization where member is not null$$""")


def downgrade() -> None:
    op.execute('drop function members_with_numbers()')
    op.drop_column('organization', 'former_gln')
    op.drop_column('organization', 'answer_hours')
