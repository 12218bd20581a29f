"""Items, places, organisations and people are found by numbers, names and pinyin: a key that is written with the row."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

from hub import sought

revision = '0031'
down_revision = '0030'
branch_labels = None
depends_on = None

NAMED = {
    'trade_item': ('gtin', 'name_zh', 'name_en'),
    'place': ('gln', 'name_zh', 'name_en'),
    'organization': ('gln', 'name_zh', 'name_en'),
    'person': ('name', 'email'),
}
AT_ONCE = 2000


def upgrade() -> None:
    for table, names in NAMED.items():
        text = sqlmodel.sql.sqltypes.AutoString()
        op.add_column(table, sa.Column('sought', text, nullable=False, server_default=''))
        _fill(table, names)


def _fill(table: str, names: tuple[str, ...]) -> None:
    if op.get_context().as_sql:
        return  # there are no rows to read where it is only written down
    connection = op.get_bind()
    rows = connection.execute(sa.text(f"select id, {', '.join(names)} from {table}")).all()
    update = sa.text(f'update {table} set sought = :key where id = :id')
    for begin in range(0, len(rows), AT_ONCE):
        part = rows[begin:begin + AT_ONCE]
        connection.execute(update, [{'id': row[0], 'key': sought.key(*row[1:])} for row in part])


def downgrade() -> None:
    for table in NAMED:
        op.drop_column(table, 'sought')
