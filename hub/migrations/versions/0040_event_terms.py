"""Events are found by their disposition, read point and business location, and each of these is listed."""

import sqlalchemy as sa
from alembic import op

from hub.gs1 import reading

revision = '0040'
down_revision = '0038'
branch_labels = None
depends_on = None

_AT_ONCE = 2_000


def upgrade() -> None:
    for name in ('disposition', 'read_point', 'biz_location'):
        op.add_column('event', sa.Column(name, sa.String(300), nullable=False, server_default=''))
    if not op.get_context().as_sql:
        _fill()
    with op.get_context().autocommit_block():
        for name in ('disposition', 'read_point', 'biz_location'):
            op.create_index(f'ix_event_{name}', 'event', [name], if_not_exists=True, postgresql_concurrently=True)


def _fill() -> None:
    """Read them out of what is stored, some thousand events at a time."""
    connection = op.get_bind()
    after = '00000000-0000-0000-0000-000000000000'
    asked = sa.text('select id, payload from event where id > :after and payload is not null order by id limit :most')
    told = sa.text(
        'update event set disposition = t.d, read_point = t.r, biz_location = t.b'
        ' from unnest(cast(:i as uuid[]), cast(:d as text[]), cast(:r as text[]), cast(:b as text[])) as t(i, d, r, b)'
        ' where event.id = t.i'
    )
    while rows := connection.execute(asked, {'after': after, 'most': _AT_ONCE}).all():
        after = rows[-1].id
        terms = [reading.terms(reading.event_of(bytes(row.payload)) or {}) for row in rows]
        values = {key: [getattr(one, name) for one in terms] for key, name in _NAMES.items()}
        connection.execute(told, {'i': [row.id for row in rows], **values})


_NAMES = {'d': 'disposition', 'r': 'read_point', 'b': 'biz_location'}


def downgrade() -> None:
    for name in ('biz_location', 'read_point', 'disposition'):
        op.drop_index(f'ix_event_{name}', 'event')
        op.drop_column('event', name)
