"""The round of recalls: signed where the hub holds the key, and put into the journal."""

from datetime import timedelta

from hub import db
from hub.queue import task
from hub.trace import recall


@task(every=timedelta(seconds=1), alone=True)
def send_recalls() -> int:
    """Sign and send the recalls that the chain has not heard of; return how many."""
    with db.hub_session() as session:
        return recall.unsent(session)
