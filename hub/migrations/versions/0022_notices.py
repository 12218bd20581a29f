"""What people are told, on its way to them, and how they want to be told."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None

MINE = 'owner_id = (select app_org())'
TABLES = ('notice', 'notice_delivery', 'notice_choice', 'notice_route')


def _text(length: int) -> sa.types.TypeEngine:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def _table(name: str, *more: sa.schema.SchemaItem) -> None:
    op.create_table(name,
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Uuid(), nullable=True),
    sa.Column('via', _text(24), nullable=False),
    *more,
    sa.PrimaryKeyConstraint('id', name=op.f(f'pk_{name}')),
    sa.UniqueConstraint('owner_id', 'id', name=op.f(f'uq_{name}_owner_id_id'))
    )


def upgrade() -> None:
    _table('notice',
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('kind', _text(40), nullable=False),
    sa.Column('key', _text(200), nullable=False),
    sa.Column('sentence', _text(300), nullable=False),
    sa.Column('said', postgresql.JSONB(), nullable=False),
    sa.Column('address', _text(300), nullable=False),
    sa.Column('read_at', sa.DateTime(timezone=True), nullable=True),
    sa.UniqueConstraint('owner_id', 'user_id', 'key', name=op.f('uq_notice_owner_id_user_id_key'))
    )
    op.create_index(op.f('ix_notice_user_id'), 'notice', ['user_id'], unique=False)
    op.create_index('wait_notice_unread', 'notice', ['owner_id', 'user_id'], unique=False, postgresql_where=sa.text('read_at is null'))
    _table('notice_delivery',
    sa.Column('notice_id', sa.Uuid(), nullable=False),
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('channel', sa.Enum('mail', 'chat', name='channel', native_enum=False, length=24), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('attempts', sa.BigInteger(), nullable=False),
    sa.Column('error', _text(300), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('given_up_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['owner_id', 'notice_id'], ['notice.owner_id', 'notice.id'], name=op.f('fk_notice_delivery_owner_id_notice'), ondelete='CASCADE'),
    sa.UniqueConstraint('owner_id', 'notice_id', 'channel', name=op.f('uq_notice_delivery_owner_id_notice_id_channel'))
    )
    op.create_index('wait_notice_delivery_due', 'notice_delivery', ['due_at'], unique=False, postgresql_where=sa.text('sent_at is null and given_up_at is null'))
    _table('notice_choice',
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('kind', _text(40), nullable=False),
    sa.Column('mail', sa.Boolean(), nullable=False),
    sa.Column('chat', sa.Boolean(), nullable=False),
    sa.UniqueConstraint('owner_id', 'user_id', 'kind', name=op.f('uq_notice_choice_owner_id_user_id_kind'))
    )
    _table('notice_route',
    sa.Column('user_id', sa.Uuid(), nullable=False),
    sa.Column('chat', _text(2000), nullable=False),
    sa.Column('quiet_from', sa.Time(), nullable=True),
    sa.Column('quiet_to', sa.Time(), nullable=True),
    sa.Column('digest_at', sa.Time(), nullable=True),
    sa.UniqueConstraint('owner_id', 'user_id', name=op.f('uq_notice_route_owner_id_user_id'))
    )
    for table in TABLES:
        op.execute(f'alter table {table} enable row level security')
        op.execute(f'alter table {table} force row level security')
        op.execute(f'create policy o on {table} to furrow_owner using (true) with check (true)')
        op.execute(f'create policy r on {table} for select to furrow_app using ({MINE})')
        op.execute(f'create policy i on {table} for insert to furrow_app with check ({MINE})')
        op.execute(f'create policy u on {table} for update to furrow_app using ({MINE}) with check ({MINE})')
        op.execute(f'create policy d on {table} for delete to furrow_app using ({MINE})')
        op.execute(f'grant select, insert, update, delete on {table} to furrow_app')
        op.execute(f'grant select, insert, update, delete on {table} to furrow_relay')


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
