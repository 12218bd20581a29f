"""Programs that are told what people are told."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0065'
down_revision = '0064'
branch_labels = None
depends_on = None

MINE = 'owner_id = (select app_org())'


def _text(length: int) -> sa.types.TypeEngine:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def _record() -> list[sa.Column]:
    return [
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('owner_id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('created_by', sa.Uuid(), nullable=True),
        sa.Column('via', _text(24), nullable=False),
    ]


def _moments(*names: str, nullable: bool = True) -> list[sa.Column]:
    return [sa.Column(name, sa.DateTime(timezone=True), nullable=nullable) for name in names]


def upgrade() -> None:
    op.create_table(
        'hook',
        *_record(),
        sa.Column('url', _text(1000), nullable=False),
        sa.Column('secret', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column('kinds', postgresql.JSONB(), nullable=False),
        *_moments('stopped_at', 'ended_at'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_hook')),
        sa.UniqueConstraint('owner_id', 'id', name=op.f('uq_hook_owner_id_id')),
    )
    op.create_table(
        'hook_message',
        *_record(),
        sa.Column('hook_id', sa.Uuid(), nullable=False),
        sa.Column('kind', _text(40), nullable=False),
        sa.Column('key', _text(200), nullable=False),
        sa.Column('body', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        *_moments('due_at', nullable=False),
        sa.Column('attempts', sa.BigInteger(), nullable=False),
        sa.Column('answered', sa.BigInteger(), nullable=True),
        sa.Column('problem', _text(300), nullable=False),
        *_moments('tried_at', 'sent_at', 'given_up_at'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_hook_message')),
        sa.UniqueConstraint('owner_id', 'id', name=op.f('uq_hook_message_owner_id_id')),
        sa.UniqueConstraint('owner_id', 'hook_id', 'key', name=op.f('uq_hook_message_owner_id_hook_id_key')),
        sa.ForeignKeyConstraint(['owner_id', 'hook_id'], ['hook.owner_id', 'hook.id'],
                                name=op.f('fk_hook_message_owner_id_hook')),
    )
    op.create_index(op.f('ix_hook_message_hook_id'), 'hook_message', ['hook_id'])
    op.create_index('wait_hook_message_due', 'hook_message', ['due_at'],
                    postgresql_where=sa.text('sent_at is null and given_up_at is null'))
    for table in ('hook', 'hook_message'):
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
    for table in ('hook_message', 'hook'):
        op.drop_table(table)
