"""What has served its purpose is forgotten when its term is over, and nothing else."""

from datetime import timedelta
from itertools import cycle

import pytest
from sqlalchemy import select, text
from sqlmodel import col

from hub import db, tasks
from hub.demo import builder
from hub.models.access import (
    IdempotencyKey,
    KnownBrowser,
    Login,
    PasskeyChallenge,
    PasswordLink,
    SignInAttempt,
    Upload,
)
from hub.models.base import now, uuid7
from hub.models.copies import CodeSighting, CopiedCode
from hub.models.hook import Hook, HookMessage
from hub.models.notice import Channel, Notice, NoticeDelivery
from hub.models.outbox import OutboxMessage
from hub.models.party import Membership, OrganizationKind, Role
from hub.models.reports import ProblemReport, ReportContact, ReportPhoto, Trouble
from supplier_portal.models import AnswerLink
from tests.supermarket import lot

NOTICE, HOOK = uuid7(), uuid7()
_channels = cycle(Channel)

pytestmark = pytest.mark.usefixtures("clean")


@pytest.fixture
def house():
    """Of everything that has a term a row from a minute before it ends, and one from a minute after."""
    organization = builder.party(OrganizationKind.SUPPLIER)
    person = builder.person(organization, Role.SUPPLIER, "long enough for this").id
    reports = reported(organization)
    with db.hub_session() as session:
        membership = session.execute(select(Membership).where(col(Membership.user_id) == person)).scalar_one()
        unread = Notice(id=NOTICE, owner_id=organization.id, user_id=person, kind="recall", key="k", sentence="")
        session.add_all([unread, Hook(id=HOOK, owner_id=organization.id, url="https://example.org")])
        session.flush()
        for term in tasks.TERMS:
            for late in (timedelta(minutes=-1), timedelta(minutes=1)):
                session.add(
                    row(term.table, organization.id, person, membership.id, now() - term.kept + late, next(reports))
                )
        session.add(OutboxMessage(owner_id=organization.id, to_org=organization.id, type="x", next_at=now()))
    return organization


def reported(party):
    """Reports of one of its lots, by their ids."""
    made = lot(builder.item(party))
    said = {"gtin": "", "lot_number": "L1", "item_zh": "", "item_en": "", "kind": Trouble.OTHER, "words": ""}
    reports = [
        ProblemReport(owner_id=party.id, lot_id=made.id, number=str(n), token_hash=uuid7().bytes, **said)
        for n in range(2 * len(tasks.TERMS))
    ]
    with db.hub_session() as session:
        session.add_all(reports)
    return iter([report.id for report in reports])


def row(table, organization, person, membership, at, report):
    """A row whose term began at a moment."""
    owned = {"owner_id": organization}
    rows = {
        "sign_in_attempt": lambda: SignInAttempt(**owned, bucket=b"b", at=at),
        "login": lambda: Login(
            **owned, user_id=person, membership_id=membership, token_hash=uuid7().bytes, auth_at=at, seen_at=at,
            expires_at=at,
        ),
        "passkey_challenge": lambda: PasskeyChallenge(
            **owned, challenge_hash=uuid7().bytes, purpose="sign-in", expires_at=at
        ),
        "password_link": lambda: PasswordLink(**owned, token_hash=uuid7().bytes, expires_at=at),
        "answer_link": lambda: AnswerLink(
            **owned, order_id=uuid7(), user_id=person, token_hash=uuid7().bytes, expires_at=at
        ),
        "known_browser": lambda: KnownBrowser(
            **owned, user_id=person, browser=uuid7().bytes, address=b"a", seen_at=at
        ),
        "idempotency_key": lambda: IdempotencyKey(
            **owned, key=str(uuid7()), request_hash=b"", answer={}, created_at=at
        ),
        "upload": lambda: Upload(**owned, kind="item", name="items.xlsx", content=b"", created_at=at),
        "notice": lambda: Notice(**owned, user_id=person, kind="recall", key=str(uuid7()), sentence="", read_at=at),
        "notice_delivery": lambda: NoticeDelivery(
            **owned, user_id=person, notice_id=NOTICE, channel=Channel(next(_channels)), due_at=at, sent_at=at
        ),
        "hook_message": lambda: HookMessage(
            **owned, hook_id=HOOK, kind="recall", key=str(uuid7()), body="", due_at=at, created_at=at
        ),
        "report_contact": lambda: ReportContact(**owned, report_id=report, contact="", closed_at=at),
        "report_photo": lambda: ReportPhoto(**owned, report_id=report, content=b"", closed_at=at),
        "code_sighting": lambda: CodeSighting(
            **owned, gtin="06901234000016", serial=str(uuid7())[:20], city="1", hour=at, seen_at=at, name_en="Jinan",
            name_zh="济南", country="CN", latitude=36.7, longitude=117.0,
        ),
        "copied_code": lambda: CopiedCode(
            **owned, gtin="06901234000016", serial="1", item_zh="", item_en="", places=[], kilometres=0, looked_at=at
        ),
        "outbox_message": lambda: OutboxMessage(
            **owned, to_org=organization, type="x", next_at=at, handled_at=at
        ),
    }  # fmt: skip
    return rows[table]()


def counts():
    with db.hub_session() as session:
        asked = ((term.table, session.execute(text(f"select count(*) from {term.table}"))) for term in tasks.TERMS)
        return {table: found.scalar_one() for table, found in asked}


@pytest.mark.parametrize("at_once", [1, 5_000])
def test_what_is_over_is_forgotten_and_what_waits_or_is_younger_stays(house, monkeypatch, at_once):
    monkeypatch.setattr(tasks, "_AT_ONCE", at_once)
    assert tasks.forget_what_is_over() == len(tasks.TERMS)
    assert counts() == {term.table: 1 for term in tasks.TERMS} | {"outbox_message": 2, "notice": 2}
    assert tasks.forget_what_is_over() == 0
