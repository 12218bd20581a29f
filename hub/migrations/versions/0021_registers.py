"""Places and items end on a day; what is taken in from a spreadsheet is looked at first."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0021'
down_revision = '0018'
branch_labels = None
depends_on = None

MINE = 'owner_id = (select app_org())'


def upgrade() -> None:
    op.add_column('place', sa.Column('ended_on', sa.Date(), nullable=True))
    op.add_column('assortment', sa.Column('ended_on', sa.Date(), nullable=True))
    op.add_column('trade_item', sa.Column('ended_on', sa.Date(), nullable=True))
    op.execute('grant select (ended_on) on place to furrow_public')
    op.execute('grant select (ended_on) on trade_item to furrow_public')
    op.create_table('upload',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('owner_id', sa.Uuid(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.Uuid(), nullable=True),
    sa.Column('via', sqlmodel.sql.sqltypes.AutoString(length=24), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(length=24), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_upload')),
    sa.UniqueConstraint('owner_id', 'id', name=op.f('uq_upload_owner_id_id'))
    )
    op.execute('alter table upload enable row level security')
    op.execute('alter table upload force row level security')
    op.execute('create policy o on upload to furrow_owner using (true) with check (true)')
    op.execute(f'create policy r on upload for select to furrow_app using ({MINE})')
    op.execute(f'create policy i on upload for insert to furrow_app with check ({MINE})')
    op.execute(f'create policy u on upload for update to furrow_app using ({MINE}) with check ({MINE})')
    op.execute(f'create policy d on upload for delete to furrow_app using ({MINE})')
    op.execute('grant select, insert, update, delete on upload to furrow_app')
    op.execute('grant select, insert, update, delete on upload to furrow_relay')


def downgrade() -> None:
    op.drop_table('upload')
    op.drop_column('trade_item', 'ended_on')
    op.drop_column('assortment', 'ended_on')
    op.drop_column('place', 'ended_on')
