"""Webhooks: whom the hub tells of new events, how that went last, and a test of it."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import Response
from sqlmodel import Session

from hub import db
from hub.access import Actor, Permission
from hub.lists import Search
from hub.models.base import now
from hub.models.party import Organization
from hub.pages.settings.telling import webhooks_view as view
from hub.trace.asking import subscriptions, trials
from hub.web.deps import ActorDep, LanguageDep, PageNumber, SessionDep, requires
from hub.web.i18n import N_, Language
from hub.web.routing import Router
from hub.web.templating import go, page

router = Router(
    prefix=view.PATH,
    dependencies=[requires(Permission.CAPTURE_EVENTS, Permission.AUDIT)],
    include_in_schema=False,
)
_A_PAGE = 20


@router.get("")
def webhooks(
    request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep, p: PageNumber = 1
) -> Response:
    """The subscriptions of one's organisation."""
    return page(request, "settings/telling/webhooks.html", list=_listed(session, actor, speaks, p), trial=None)


@router.post("/{subscription_id}/test")
def test(request: Request, subscription_id: UUID, actor: ActorDep, speaks: LanguageDep) -> Response:
    """Send a document without events now, and show what comes back; meanwhile no transaction waits."""
    try:
        status, told = 200, view.trial_of(trials.send(actor, subscription_id), speaks)
    except trials.TooManyTests as refusal:
        status, told = refusal.status, view.refused(refusal, speaks)
    with db.session(actor.who) as session:
        listed = _listed(session, actor, speaks, 1)
    return page(request, "settings/telling/webhooks.html", status=status, list=listed, trial=told)


@router.post("/{subscription_id}/end")
def end(request: Request, subscription_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Tell somebody no longer."""
    _, query = subscriptions.find(session, subscription_id)
    subscriptions.end(session, query, subscription_id)
    return go(request, view.PATH, toast=speaks.gettext(N_("Nothing is sent there any more.")))


def _listed(session: Session, actor: Actor, speaks: Language, number: int) -> view.WebhooksPage:
    own = session.get_one(Organization, actor.organization_id)
    found = subscriptions.page(session, Search(page=number, size=_A_PAGE))
    return view.webhooks_page(found, own, speaks, at=now())
