"""One-use links to answer one order: made for a letter, opened without a password, good for nothing else."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from hub import access, db
from hub.access import GRANTS, Actor, Permission
from hub.errors import HubError
from hub.models.base import now
from hub.models.notice import Notice
from hub.models.party import Membership, Organization, User
from hub.models.trade import PurchaseOrder
from hub.settings import settings
from supplier_portal.models import AnswerLink
from supplier_portal.orders import order_book
from supplier_portal.orders.order_book import UNANSWERED

LASTS = timedelta(days=7)
"""From its letter on: an answer that comes late still counts."""


class AnswerLinkUnknown(HubError):
    """This link is none of ours, or not the whole of it; copy all of it from the letter, or sign in."""

    code, status = "answer-link-unknown", 404


class AnswerLinkExpired(HubError):
    """This link has ended; sign in to look at the order."""

    code, status = "answer-link-expired", 410


def of_notice(session: Session, notice: Notice) -> str | None:
    """A link for whoever a notice tells of an order, in the session that sends it; None where it was answered."""
    order = session.get(PurchaseOrder, UUID(notice.key.partition("/")[2]))
    if order is None or order_book.status_of(session, order, at=now()) not in UNANSWERED:
        return None
    token, hashed = access.new_token()
    session.add(
        AnswerLink(
            owner_id=notice.owner_id,
            via="notice",
            order_id=order.id,
            user_id=notice.user_id,
            token_hash=hashed,
            expires_at=now() + LASTS,
        )
    )
    return f"{settings().base_url}/answer-order?t={token}"


@dataclass(frozen=True)
class Opened:
    """A link that is good still: for whom it acts, on which order, and whether it was used."""

    link_id: UUID
    actor: Actor
    order_id: UUID
    used: bool


def open_link(token: str) -> Opened:
    """What a link lets answer, or why it opens nothing; whoever answers orders no more opens nothing either."""
    with db.app_engine().begin() as connection:
        row = connection.execute(text("select * from find_answer_link(:t)"), {"t": access.hash_token(token)}).first()
    if row is None:
        raise AnswerLinkUnknown
    with db.session(db.Who(row.org_id, None, "link")) as session:
        link = session.get_one(AnswerLink, row.link_id)
        if link.expires_at < now() or not _answers(session, link):
            raise AnswerLinkExpired
        return Opened(link.id, _actor(session, link), link.order_id, link.used_at is not None)


def take(session: Session, opened: Opened) -> AnswerLink | None:
    """The link, held so that nobody answers by it meanwhile; None where it was used. Whoever answers marks it used."""
    link = session.get_one(AnswerLink, opened.link_id, with_for_update=True)
    return link if link.used_at is None else None


def _answers(session: Session, link: AnswerLink) -> bool:
    """Whether the person the letter went to still answers the organisation's orders."""
    roles = [role for role, granted in GRANTS.items() if Permission.ANSWER_ORDERS in granted]
    mine = select(Membership).where(
        col(Membership.owner_id) == link.owner_id,
        col(Membership.user_id) == link.user_id,
        col(Membership.role).in_(roles),
        col(Membership.ended_at).is_(None),
    )
    return session.exec(mine).first() is not None


def _actor(session: Session, link: AnswerLink) -> Actor:
    """Who answers by a link: the person of the letter, who may do nothing but answer."""
    organization = session.get_one(Organization, link.owner_id)
    person = session.get_one(User, link.user_id)
    return Actor(
        organization_id=organization.id,
        kind=organization.kind,
        permissions=frozenset({Permission.ANSWER_ORDERS}),
        user_id=person.id,
        name=person.name,
        language=person.language,
        via="link",
        organization_zh=organization.name_zh,
        organization_en=organization.name_en,
    )
