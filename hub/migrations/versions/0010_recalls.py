"""Recalls are for everybody to read, and a recall that was closed is taken back on the chain too."""

import secrets
import uuid
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

MINE = 'owner_id = (select app_org())'


def upgrade() -> None:
    op.execute('drop policy r on recall_notice')
    op.execute(f'create policy r on recall_notice for select to furrow_app using ({MINE} or (true))')
    take_back(op.get_bind())


def take_back(connection: sa.Connection) -> None:
    """Of every lot whose issuer has closed all it said of it: a withdrawal, to be signed and sent like a recall."""
    closed = connection.execute(sa.text("""
        select owner_id, lot_id, max(closed_at) as closed_at from recall_notice
        group by owner_id, lot_id having bool_and(closed_at is not null) and min(recall_class) > 0
        order by owner_id, max(closed_at)""")).all()
    for row in closed:
        connection.execute(
            sa.text("""
                insert into recall_notice (id, owner_id, created_at, via, lot_id, recall_class, reason_zh, reason_en,
                                           opened_at, closed_at, salt, nonce)
                select :id, :owner_id, :now, 'migration', :lot_id, 0, '', '', :closed_at, :closed_at, :salt, max(nonce) + 1
                from recall_notice where owner_id = :owner_id"""),
            row._asdict() | {'id': uuid.uuid4(), 'now': datetime.now(UTC), 'salt': secrets.token_bytes(32)},
        )


def downgrade() -> None:
    op.execute('delete from recall_notice where recall_class = 0')
    op.execute('drop policy r on recall_notice')
    op.execute(f'create policy r on recall_notice for select to furrow_app using ({MINE} or (owner_id = any((select partners())::uuid[])))')
