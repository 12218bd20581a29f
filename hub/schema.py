"""The schema of the database: how alembic finds the migrations, from a checkout or from an installed package.

``python -m hub.schema`` brings the database of ``FURROW_DATABASE_OWNER_URL`` to the newest one.
"""

from pathlib import Path

_VERSIONS = Path(__file__).parent / "migrations" / "versions"


def newest() -> str:
    """The newest schema that this version knows, and needs: migrations' files are named by their number."""
    return max(path.name.partition("_")[0] for path in _VERSIONS.glob("[0-9]*_*.py"))


def upgrade(revision: str = "head") -> None:
    """Bring the database to a schema; safe to repeat."""
    from alembic import command  # the web asks for the newest schema, and never migrates
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "hub:migrations")
    command.upgrade(config, revision)


if __name__ == "__main__":
    upgrade()
