"""The schema of the database: how alembic finds the migrations, from a checkout or from an installed package.

``python -m hub.schema`` brings the database of ``FURROW_DATABASE_OWNER_URL`` to the newest one.
"""

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory


def config() -> Config:
    """What ``alembic.ini`` says of the migrations, for programs."""
    made = Config()
    made.set_main_option("script_location", "hub:migrations")
    return made


def newest() -> str:
    """The newest schema that this version knows, and needs."""
    return str(ScriptDirectory.from_config(config()).get_current_head())


def upgrade(revision: str = "head") -> None:
    """Bring the database to a schema; safe to repeat."""
    command.upgrade(config(), revision)


if __name__ == "__main__":
    upgrade()
