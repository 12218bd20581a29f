"""Questions are kept by name, and who subscribes to one is told of new answers in the order of the log."""

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0041'
down_revision = '0040'
branch_labels = None
depends_on = None

MINE = 'owner_id = (select app_org())'


def upgrade() -> None:
    op.create_table('named_query', *_record(),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(length=100), nullable=False),
    sa.Column('query', postgresql.JSONB(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_named_query')),
    sa.UniqueConstraint('owner_id', 'id', name=op.f('uq_named_query_owner_id_id')),
    sa.UniqueConstraint('owner_id', 'name', name=op.f('uq_named_query_owner_id_name'))
    )
    op.create_table('subscription', *_record(),
    sa.Column('query_id', sa.Uuid(), nullable=False),
    sa.Column('destination', sqlmodel.sql.sqltypes.AutoString(length=1000), nullable=False),
    sa.Column('token', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('schedule', postgresql.JSONB(), nullable=False),
    sa.Column('report_if_empty', sa.Boolean(), nullable=False),
    sa.Column('initial_record_time', sa.DateTime(timezone=True), nullable=True),
    sa.Column('epc_format', sqlmodel.sql.sqltypes.AutoString(length=30), nullable=False),
    sa.Column('mark', sa.BigInteger(), nullable=False),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('told_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('failures', sa.BigInteger(), nullable=False),
    sa.Column('problem', sqlmodel.sql.sqltypes.AutoString(length=300), nullable=False),
    sa.ForeignKeyConstraint(['owner_id', 'query_id'], ['named_query.owner_id', 'named_query.id'],
                            name=op.f('fk_subscription_owner_id_named_query')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_subscription')),
    sa.UniqueConstraint('owner_id', 'id', name=op.f('uq_subscription_owner_id_id'))
    )
    op.create_index(op.f('ix_subscription_query_id'), 'subscription', ['query_id'], unique=False)
    op.create_index(op.f('ix_subscription_due_at'), 'subscription', ['due_at'], unique=False)
    for table in ('named_query', 'subscription'):
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
        op.create_index('ix_event_log_index', 'event', ['log_index'], if_not_exists=True, postgresql_concurrently=True)


def _record() -> list[sa.Column]:
    return [
        sa.Column('id', sa.Uuid(), nullable=False),
        sa.Column('owner_id', sa.Uuid(), nullable=False),
        sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
        sa.Column('created_by', sa.Uuid(), nullable=True),
        sa.Column('via', sqlmodel.sql.sqltypes.AutoString(length=24), nullable=False),
    ]


def downgrade() -> None:
    op.drop_table('subscription')
    op.drop_table('named_query')
    op.drop_index('ix_event_log_index', 'event')
