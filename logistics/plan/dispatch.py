"""The dispatcher's work: ask for a day's plan, look at it, publish it, take it back."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, col, select

from hub import access, db
from hub.access import Actor, Permission
from hub.errors import HubError, NotFound
from hub.models.base import now
from logistics import routing
from logistics.models import PlanState, Reading, Route, RoutePlan, Stop
from logistics.plan import planning

SECONDS = 10
_ATTEMPTS = 3


class NotPlannedYet(HubError):
    """This plan is still being made; it can be published once it is there."""

    code, status = "not-planned-yet", 409


class AlreadyUnderWay(HubError):
    """A vehicle has arrived somewhere on this plan, so it can no longer be taken back."""

    code, status = "plan-under-way", 409


def ask(session: Session, actor: Actor, day: date, *, at: datetime, seconds: int = SECONDS) -> RoutePlan:
    """Ask for a plan of a day; a worker makes it.

    It replaces what was asked for or drafted before, never what is published.
    """
    access.require(actor, Permission.PLAN_ROUTES)
    _in_turn(session, actor, day)
    for old in plans(session, actor, day):
        if old.state is not PlanState.PUBLISHED:
            _forget(session, old)
    plan = RoutePlan(owner_id=actor.organization_id, day=day, state=PlanState.PLANNING, planned_at=at, seconds=seconds)
    session.add(plan)
    session.flush()
    access.record(session, actor, "routes.plan", plan.id, day=day)
    return plan


def plan_day(session: Session, actor: Actor, day: date, *, at: datetime, seconds: int = SECONDS) -> RoutePlan:
    """Ask for a plan and make it here and now, while the caller waits."""
    plan = ask(session, actor, day, at=at, seconds=seconds)
    # The search takes longer than a request of ours ever may be idle; this transaction waits for it.
    db.let_think(session)
    asked = planning.read(session, actor, day, at)
    planning.write(session, plan, asked, routing.plan(asked.problem, seconds))
    plan.state = PlanState.DRAFT
    session.flush()
    return plan


def carry_out(actor: Actor, plan_id: UUID) -> bool:
    """Make a plan that was asked for, holding no transaction meanwhile; False when it is no longer wanted.

    After three attempts that came to no end it counts as failed, so that what kills a worker kills no more.
    """
    with db.session(actor.who) as session:
        plan = session.get(RoutePlan, plan_id, with_for_update=True)
        if plan is None or plan.state is not PlanState.PLANNING:
            return False
        if plan.attempts >= _ATTEMPTS:
            plan.state = PlanState.FAILED
            return False
        plan.attempts, plan.begun_at = plan.attempts + 1, now()
        asked, seconds = planning.read(session, actor, plan.day, plan.planned_at), plan.seconds
    outcome: routing.RoutePlan | routing.BadFigure
    try:
        outcome = routing.plan(asked.problem, seconds)
    except routing.BadFigure as refused:
        outcome = refused
    with db.session(actor.who) as session:
        plan = session.get(RoutePlan, plan_id, with_for_update=True)
        if plan is None or plan.state is not PlanState.PLANNING:
            return False
        if isinstance(outcome, routing.BadFigure):
            plan.state, plan.failure = PlanState.FAILED, planning.named(asked, outcome)
            return True
        planning.write(session, plan, asked, outcome)
        plan.state = PlanState.DRAFT
    return True


def publish(session: Session, actor: Actor, plan: RoutePlan, *, at: datetime) -> RoutePlan:
    """Show a plan to its drivers, and each stop to the store that awaits it; publishing again changes nothing."""
    access.require(actor, Permission.PLAN_ROUTES, plan.owner_id)
    _in_turn(session, actor, plan.day)
    session.refresh(plan)
    if plan.state is PlanState.PUBLISHED:
        return plan
    if plan.state is not PlanState.DRAFT:
        raise NotPlannedYet
    plan.state, plan.published_at = PlanState.PUBLISHED, at
    for stop in stops_of(session, plan):
        stop.published_at = at
    session.flush()
    access.record(session, actor, "routes.publish", plan.id, day=plan.day)
    return plan


def withdraw(session: Session, actor: Actor, plan: RoutePlan) -> RoutePlan:
    """Take a published plan back to a draft, as long as no vehicle has arrived anywhere and nothing was measured."""
    access.require(actor, Permission.PLAN_ROUTES, plan.owner_id)
    _in_turn(session, actor, plan.day)
    session.refresh(plan)
    if plan.state is not PlanState.PUBLISHED:
        return plan
    stops = stops_of(session, plan)
    read = select(Reading).where(col(Reading.stop_id).in_([stop.id for stop in stops]))
    if any(stop.arrived_at for stop in stops) or session.exec(read).first():
        raise AlreadyUnderWay
    for other in plans(session, actor, plan.day):
        if other.state is not PlanState.PUBLISHED:
            _forget(session, other)
    plan.state, plan.published_at = PlanState.DRAFT, None
    for stop in stops:
        stop.published_at = None
    session.flush()
    access.record(session, actor, "routes.withdraw", plan.id, day=plan.day)
    return plan


def find(session: Session, actor: Actor, plan_id: UUID) -> RoutePlan:
    """A plan of the actor's organisation."""
    plan = session.get(RoutePlan, plan_id)
    if plan is None or plan.owner_id != actor.organization_id:
        raise NotFound
    return plan


def plans(session: Session, actor: Actor, day: date) -> list[RoutePlan]:
    """The plans of a day, the latest first: at most one that is not published, before those that are."""
    statement = select(RoutePlan).where(col(RoutePlan.owner_id) == actor.organization_id, col(RoutePlan.day) == day)
    return list(session.exec(statement.order_by(col(RoutePlan.id).desc())))


def stops_of(session: Session, plan: RoutePlan) -> list[Stop]:
    """Every stop of a plan, route by route, in order."""
    statement = (
        select(Stop)
        .join(Route, col(Route.id) == col(Stop.route_id))
        .where(col(Route.plan_id) == plan.id)
        .order_by(col(Stop.plate), col(Stop.route_id), col(Stop.sequence))
    )
    return list(session.exec(statement))


def _forget(session: Session, plan: RoutePlan) -> None:
    routes = select(Route.id).where(col(Route.plan_id) == plan.id)
    session.execute(delete(Stop).where(col(Stop.route_id).in_(routes)))
    session.execute(delete(Route).where(col(Route.plan_id) == plan.id))
    session.delete(plan)
    session.flush()


def _in_turn(session: Session, actor: Actor, day: date) -> None:
    """Let nobody else change this day's plans until this transaction ends."""
    db.in_turn(session, f"routes/{actor.organization_id}/{day}")
