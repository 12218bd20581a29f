"""The rounds of logistics: whoever asked for a plan gets it from here, and late deliveries are told of."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from hub import db
from hub.access import GRANTS, Actor
from hub.models.base import now
from hub.models.party import OrganizationKind, Role
from hub.queue import Queue, task
from logistics.drive import late
from logistics.models import PlanState, RoutePlan
from logistics.plan import dispatch


@task(Queue.PLANS, every=timedelta(seconds=1), alone=True)
def plan_routes() -> int:
    """Make the plan that has waited longest; 0 when nobody waits."""
    with db.hub_session() as session:
        oldest = select(col(RoutePlan.owner_id), col(RoutePlan.id)).where(col(RoutePlan.state) == PlanState.PLANNING)
        waiting = session.execute(oldest.order_by(col(RoutePlan.id)).limit(1)).first()
    if waiting is None:
        return 0
    haulier, plan = waiting
    return int(dispatch.carry_out(_planner(haulier), plan))


@task(Queue.BULK, every=timedelta(minutes=5), alone=True)
def watch_deliveries() -> int:
    """Tell stores and buyers of deliveries that are late; return of how many."""
    return late.tell(now())


def _planner(haulier: UUID) -> Actor:
    """The worker, planning for a haulier that asked."""
    return Actor(haulier, OrganizationKind.HAULIER, GRANTS[Role.DISPATCHER], via="task")
