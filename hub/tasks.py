"""The hub's own housekeeping."""

from datetime import timedelta

from sqlalchemy import text

from hub import attempts, db
from hub.models.base import now
from hub.queue import task


@task(every=timedelta(hours=1), alone=True)
def forget_attempts() -> int:
    """Forget wrong passwords that count no more; return how many."""
    with db.hub_session() as session:
        gone = session.execute(
            text("delete from sign_in_attempt where at < :since returning 1"),
            {"since": now() - 12 * attempts.WINDOW},
        )
        return len(gone.all())
