"""Whether the hub lives, and whether it can serve."""

from functools import lru_cache

from fastapi.responses import JSONResponse
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from hub import db, schema
from hub.errors import NotReady
from hub.web.deps import PUBLIC
from hub.web.problems import problems
from hub.web.routing import Router

router = Router(dependencies=[PUBLIC], tags=["health"])


class DatabaseAway(NotReady):
    """The database does not answer."""

    code = "database-away"


class MigrationsMissing(NotReady):
    """The database is not in the state that this version needs; migrate it."""

    code = "migrations-missing"


@router.get("/health/live")
async def live() -> dict[str, str]:
    """The process answers. Touches nothing, so that a slow database never gets it killed."""
    return {"status": "live"}


@router.get("/health/ready", responses=problems(DatabaseAway, MigrationsMissing))
def ready() -> JSONResponse:
    """The database answers and is migrated. A chain or broker that is away makes the hub slower, not unready."""
    try:
        with db.app_engine().connect() as connection:
            at = connection.scalar(text("select schema_version()"))
    except SQLAlchemyError as error:
        raise DatabaseAway from error
    if at != _head():
        raise MigrationsMissing(at=at, wanted=_head())
    return JSONResponse({"status": "ready"})


@lru_cache
def _head() -> str:
    return schema.newest()
