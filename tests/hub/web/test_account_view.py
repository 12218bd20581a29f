"""What people read where they come in, of their account, and of a refusal, in Chinese and in English."""

from datetime import UTC, datetime, timedelta

import pytest

from hub.access import Actor
from hub.demo import builder
from hub.errors import InvalidInput, NotAllowed, NotFound, NotReady
from hub.models.access import Login
from hub.models.base import uuid7
from hub.models.party import Organization, OrganizationKind, Role, User
from hub.pages.account.pages import SampleAccount
from hub.pages.account.view import Account, account_page, coming_of, sample_of
from hub.web.i18n import language
from hub.web.problem_view import refusal_of
from hub.web.problems import Failed

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
EN, ZH = language("en"), language("zh")
FARM = Organization(
    id=uuid7(), owner_id=uuid7(), kind=OrganizationKind.SUPPLIER, name_zh="清河", name_en="Qinghe", gln=builder.gln(7)
)
LI = User(id=uuid7(), name="Li Min", email="li@example.org", language="en")


def login(since: timedelta) -> Login:
    return Login(
        id=uuid7(), user_id=LI.id, token_hash=b"", auth_at=AT - since, seen_at=AT - since, expires_at=AT + since
    )


def test_an_account_says_for_whom_one_acts_and_which_login_is_this_one():
    here, elsewhere = login(timedelta(hours=1)), login(timedelta(days=3))
    actor = Actor(FARM.id, FARM.kind, frozenset(), user_id=LI.id, role=Role.SUPPLIER, login_id=here.id)
    page = account_page(Account(actor, LI, FARM, [here, elsewhere]), EN, at=AT)
    assert page.lead == "You act for Qinghe. Your role: Supplier."
    assert ("E-mail", "li@example.org") in page.facts
    assert [row.state.word for row in page.logins] == ["This browser", "Another browser"]
    assert page.logins[1].used == "3 days ago" and page.logins[1].label == "End the login of 21 Nov, 09:00"
    assert [(choice.name, choice.chosen) for choice in page.languages] == [("中文", False), ("English", True)]
    assert account_page(Account(actor, LI, FARM), ZH, at=AT).lead == "您代表清河，角色是供应商。"


def test_what_is_still_coming_says_how_far_it_is():
    assert coming_of({}, EN) is None
    world = {"coming": "world", "part": "Sales", "done": 3, "total": 9}
    assert coming_of(world, EN).text == "Sales: 3 of 9"
    assert coming_of(world | {"total": 0}, EN).text == ""
    assert coming_of(world | {"coming": "chain"}, EN).title == "The chain node is being built"


def test_somebody_of_the_sample_world_is_named_with_their_organisation_in_the_readers_language():
    known = {"organization_zh": "清河", "organization_en": "Qinghe", "email": "li@example.org", "password": "p"}
    account = SampleAccount(role=Role.SUPPLIER, name="Li Min", **known)
    assert sample_of(account, EN).about == "Qinghe · li@example.org"
    assert sample_of(account, ZH).about == "清河 · li@example.org"
    assert sample_of(account, EN).label == "Enter as Li Min, li@example.org"


@pytest.mark.parametrize(
    ("error", "title", "advice"),
    [
        (NotFound(), "Nothing is here", "Check the address, or go back and choose from what is listed."),
        (NotReady(), "Not reachable for a moment", "Wait a moment, then load this page again."),
        (Failed(), "Something failed on our side", "Go back and try once more."),
        (InvalidInput(), "Something in it is not right", "Go back, put it right, and send it again."),
    ],
)
def test_a_refusal_says_what_it_is_and_what_to_do(error, title, advice):
    shown = refusal_of(error, ["It is so."], [], EN, number="R1")
    assert (shown.title, shown.advice) == (title, advice)
    assert shown.failed is (error.status >= 500)
    assert shown.reference == f"Code: {error.code} · Number for our support: R1"


def test_a_refusal_of_another_kind_is_something_that_was_not_done():
    error = NotAllowed()
    assert "another role" in refusal_of(error, [], [], EN, number="").advice
    assert refusal_of(error, [], [], EN, number="").reference == "Code: not-allowed"

    class Gone(NotFound):
        code, status = "gone", 451

    assert refusal_of(Gone(), [], [], EN, number="").title == "This was not done"
    assert refusal_of(Gone(), [], [], ZH, number="").title == "没有做成"
