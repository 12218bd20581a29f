"""Comments between two sides or inside one, their files, and that they were seen."""

import sqlalchemy as sa
import sqlmodel
from alembic import op

revision = '0064'
down_revision = '0063'
branch_labels = None
depends_on = None

MINE = 'owner_id = (select app_org())'
READ_BY = {'comment': 'other_id', 'comment_file': 'other_id', 'comment_seen': 'writer_id'}


def _text(length: int) -> sa.types.TypeEngine:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def _id(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _at(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _table(name: str, *columns: sa.schema.SchemaItem) -> None:
    op.create_table(
        name,
        _id('id'),
        _id('owner_id'),
        _at('created_at'),
        _id('created_by', nullable=True),
        sa.Column('via', _text(24), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint('id', name=op.f(f'pk_{name}')),
        sa.UniqueConstraint('owner_id', 'id', name=op.f(f'uq_{name}_owner_id_id')),
    )


def upgrade() -> None:
    _table(
        'comment',
        sa.Column('kind', sa.String(24), nullable=False),
        _id('subject_id'),
        _id('other_id', nullable=True),
        sa.Column('author', _text(80), nullable=False),
        sa.Column('words', _text(2000), nullable=False),
        _at('said_at'),
        _id('said_as'),
        sa.UniqueConstraint('owner_id', 'said_as', name=op.f('uq_comment_owner_id_said_as')),
    )
    op.create_index(op.f('ix_comment_subject_id'), 'comment', ['subject_id'])
    op.create_index(op.f('ix_comment_other_id'), 'comment', ['other_id'])
    _table(
        'comment_file',
        _id('comment_id'),
        _id('other_id', nullable=True),
        sa.Column('name', _text(120), nullable=False),
        sa.Column('media_type', _text(40), nullable=False),
        sa.Column('size', sa.BigInteger(), nullable=False),
        sa.Column('sealed', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(['owner_id', 'comment_id'], ['comment.owner_id', 'comment.id'], ondelete='CASCADE',
                                name=op.f('fk_comment_file_owner_id_comment')),
    )
    op.create_index(op.f('ix_comment_file_comment_id'), 'comment_file', ['comment_id'])
    _table(
        'comment_seen',
        _id('writer_id'),
        _id('comment_id'),
        _at('seen_at'),
        sa.UniqueConstraint('owner_id', 'comment_id', name=op.f('uq_comment_seen_owner_id_comment_id')),
        sa.ForeignKeyConstraint(['writer_id', 'comment_id'], ['comment.owner_id', 'comment.id'],
                                name=op.f('fk_comment_seen_writer_id_comment')),
    )
    op.create_index(op.f('ix_comment_seen_writer_id'), 'comment_seen', ['writer_id'])
    op.create_index(op.f('ix_comment_seen_comment_id'), 'comment_seen', ['comment_id'])
    for table, reader in READ_BY.items():
        verbs = 'select, insert' if table == 'comment_seen' else 'select, insert, update, delete'
        op.execute(f'alter table {table} enable row level security')
        op.execute(f'alter table {table} force row level security')
        op.execute(f'create policy o on {table} to furrow_owner using (true) with check (true)')
        op.execute(f'create policy r on {table} for select to furrow_app'
                   f' using ({MINE} or {reader} = (select app_org()))')
        op.execute(f'create policy i on {table} for insert to furrow_app with check ({MINE})')
        op.execute(f'create policy u on {table} for update to furrow_app using ({MINE}) with check ({MINE})')
        op.execute(f'create policy d on {table} for delete to furrow_app using ({MINE})')
        op.execute(f'grant {verbs} on {table} to furrow_app')
        op.execute(f'grant select, insert, update, delete on {table} to furrow_relay')


def downgrade() -> None:
    for table in ('comment_seen', 'comment_file', 'comment'):
        op.drop_table(table)
