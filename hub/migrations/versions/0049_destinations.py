"""A supplier's events are sent on to the repositories of its buyers."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0049'
down_revision = '0048'
branch_labels = None
depends_on = None

MINE = 'owner_id = (select app_org())'


def _text(length: int | None = None) -> sa.types.TypeEngine:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def _record() -> list[sa.Column]:
    return [
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('owner_id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('created_by', sa.Uuid(), nullable=True),
        sa.Column('via', _text(24), nullable=False),
    ]


def _identity(table: str) -> list[sa.Constraint]:
    return [
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk_{table}')),
        sa.UniqueConstraint('owner_id', 'id', name=op.f(f'uq_{table}_owner_id_id')),
    ]


def upgrade() -> None:
    op.create_table(
        'destination',
        *_record(),
        sa.Column('partner_id', sa.Uuid(), nullable=False),
        sa.Column('url', _text(1000), nullable=False),
        sa.Column('token', _text(), nullable=False),
        sa.Column('profile', _text(40), nullable=False),
        sa.Column('mark', sa.Uuid(), nullable=True),
        sa.Column('sent', sa.BigInteger(), nullable=False),
        sa.Column('trial', sa.Boolean(), nullable=False),
        sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('tried_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('answered', sa.BigInteger(), nullable=True),
        sa.Column('failures', sa.BigInteger(), nullable=False),
        sa.Column('problem', _text(300), nullable=False),
        sa.Column('paused_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('stopped_at', sa.DateTime(timezone=True), nullable=True),
        sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
        *_identity('destination'),
    )
    op.create_index(op.f('ix_destination_partner_id'), 'destination', ['partner_id'])
    op.create_index(op.f('ix_destination_due_at'), 'destination', ['due_at'])
    op.create_table(
        'passed_event',
        *_record(),
        sa.Column('destination_id', sa.Uuid(), nullable=False),
        sa.Column('event_id', sa.Uuid(), nullable=False),
        sa.Column('state', sa.Enum('sent', 'held', 'refused', 'again', name='passing', native_enum=False, length=24),
                  nullable=False),
        sa.Column('wrong', postgresql.JSONB(), nullable=False),
        *_identity('passed_event'),
        sa.UniqueConstraint('owner_id', 'destination_id', 'event_id',
                            name=op.f('uq_passed_event_owner_id_destination_id_event_id')),
        sa.ForeignKeyConstraint(['owner_id', 'destination_id'], ['destination.owner_id', 'destination.id'],
                                name=op.f('fk_passed_event_owner_id_destination')),
        sa.ForeignKeyConstraint(['owner_id', 'event_id'], ['event.owner_id', 'event.id'],
                                name=op.f('fk_passed_event_owner_id_event')),
    )
    op.create_index(op.f('ix_passed_event_destination_id'), 'passed_event', ['destination_id'])
    op.create_index(op.f('ix_passed_event_event_id'), 'passed_event', ['event_id'])
    for table in ('destination', 'passed_event'):
        op.execute(f'alter table {table} enable row level security')
        op.execute(f'alter table {table} force row level security')
        op.execute(f'create policy o on {table} to furrow_owner using (true) with check (true)')
        op.execute(f'create policy r on {table} for select to furrow_app using ({MINE})')
        op.execute(f'create policy i on {table} for insert to furrow_app with check ({MINE})')
        op.execute(f'create policy u on {table} for update to furrow_app using ({MINE}) with check ({MINE})')
        op.execute(f'create policy d on {table} for delete to furrow_app using ({MINE})')
        op.execute(f'grant select, insert, update, delete on {table} to furrow_app')
        op.execute(f'grant select, insert, update, delete on {table} to furrow_relay')
    with op.get_context().autocommit_block():
        op.create_index('ix_event_audience_grants', 'event_audience', ['owner_id', 'org_id', 'id'],
                        if_not_exists=True, postgresql_concurrently=True)


def downgrade() -> None:
    op.drop_index('ix_event_audience_grants', 'event_audience')
    op.drop_table('passed_event')
    op.drop_table('destination')
