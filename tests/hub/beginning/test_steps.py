"""The first steps of a chain: what is done, what waits, and what comes next; in both languages."""

from dataclasses import replace

import pytest

from hub import db
from hub.beginning import steps
from hub.beginning.steps import PATHS, Partners, Standing, Step, standing
from hub.demo import builder
from hub.errors import NotAllowed, NotFound
from hub.models.base import uuid7
from hub.models.party import KeyHolder, Organization, OrganizationKind, Place, PlaceKind, Role
from hub.pages.oversight.beginning_view import Beginning, beginning
from hub.web.i18n import language

PASSWORD = "a long enough sentence"
OWN = uuid7()
LULIN = Organization(
    id=OWN, owner_id=OWN, kind=OrganizationKind.RETAILER, name_zh="鲁邻超市", name_en="Lulin", gln="6901234500011"
)


def named(zh: str, en: str) -> Place:
    return Place(owner_id=OWN, kind=PlaceKind.STORE, name_zh=zh, name_en=en, gln="", latitude=0, longitude=0)


YOUNG = Standing(chain=LULIN, stores=[named("文化路店", "Wenhua Road")])
FAR = Standing(
    chain=Organization(**{**LULIN.model_dump(), "member": 7, "gln": "2900000000018"}),
    stores=[named("文化路店", "Wenhua Road")] * 5,
    centres=1,
    items=30,
    suppliers=Partners([named("清河", "Qinghe")], awaited=1),
    hauliers=Partners((), awaited=1),
    cores=1,
    colleagues=1,
    ordered=True,
    held_by=KeyHolder.HUB,
)


def shown(at: Standing, open_to: set[str], code: str = "en") -> Beginning:
    found = beginning(at, open_to, language(code))
    assert found is not None
    return found


def row(found: Beginning, step: Step) -> object:
    return found.steps[list(Step).index(step)]


@pytest.mark.parametrize(
    ("code", "lead", "chain", "stores"),
    [
        ("zh", "再做8步，就能收到第一车货。",
         "鲁邻超市，GLN 6901234500011。正在自动加入账本，几秒钟就好。", "文化路店。"),
        ("en", "8 more steps until the first load can come in.",
         "Lulin, GLN 6901234500011. Joining the ledger: some seconds, by itself.", "Wenhua Road."),
    ],
)  # fmt: skip
def test_a_young_chain_waits_for_the_ledger_and_has_a_store(code, lead, chain, stores):
    found = shown(YOUNG, set(), code)
    assert found.lead == lead and found.ledger == []
    assert (row(found, Step.CHAIN).text, row(found, Step.CHAIN).state) == (chain, "wait")
    assert (row(found, Step.STORES).text, row(found, Step.STORES).state) == (stores, "done")


def test_a_step_is_linked_only_where_the_hub_has_its_page_and_one_button_is_the_next():
    found = shown(YOUNG, {PATHS[Step.CORE], PATHS[Step.PEOPLE]})
    assert [step.address for step in found.steps if step.address] == ["/settings/core", "/settings/people"]
    assert [step.state for step in found.steps].count("next") == 1 and row(found, Step.CORE).state == "next"
    assert found.lead.endswith("Next: Stock system (core).")


def test_what_others_still_have_to_do_waits():
    found = shown(FAR, set(PATHS.values()))
    assert (row(found, Step.HAULIER).state, row(found, Step.NOTICES).state) == ("wait", "next")
    assert row(found, Step.STORES).text.startswith("Wenhua Road, Wenhua Road, Wenhua Road and 2 more. Served by 1")
    assert "until you have a GLN" in row(found, Step.CHAIN).text
    assert found.ledger == [("You are", "Member 7"), ("Who holds the key", "This hub, for you")]


def test_the_list_disappears_when_all_is_done_or_done_without():
    done = replace(FAR, hauliers=Partners([named("鲁运", "Luyun")]))
    assert beginning(done, set(), language("en")) is None
    assert beginning(done, set(PATHS.values()), language("en")) is not None
    assert beginning(replace(done, notices=True), set(PATHS.values()), language("en")) is None
    assert beginning(replace(done, without=frozenset({"notices"})), set(PATHS.values()), language("en")) is None


@pytest.mark.usefixtures("clean")
def test_a_chains_standing_is_read_from_its_own_rows():
    chain, other = builder.party(OrganizationKind.RETAILER), builder.party(OrganizationKind.RETAILER)
    farm, mill = builder.party(OrganizationKind.SUPPLIER), builder.party(OrganizationKind.SUPPLIER)
    builder.place(chain)
    builder.place(other)
    builder.person(chain, Role.ADMINISTRATOR, PASSWORD, "zhao@example.com")
    builder.person(other, Role.BUYER, PASSWORD, "qian@example.com")
    builder.relation(chain, farm)
    builder.word(chain, mill)
    builder.relation(other, mill)
    builder.assortment(chain, {"T1": builder.item(farm)})
    actor = builder.actor(chain, Role.ADMINISTRATOR)
    with db.session(actor.who) as session:
        steps.do_without(session, actor, Step.HAULIER)
        steps.put_away(session, actor)
        at = standing(session, session.get_one(Organization, chain.id))
    assert (len(at.stores), at.items, at.colleagues, at.cores, at.sales, at.ordered) == (1, 1, 0, 0, False, False)
    assert ([known.id for known in at.suppliers.names], at.suppliers.awaited) == ([farm.id], 1)
    assert at.without == {"haulier"} and at.away


@pytest.mark.usefixtures("clean")
def test_nobody_does_without_what_is_indispensable_nor_for_others():
    chain = builder.party(OrganizationKind.RETAILER)
    actor, buyer = builder.actor(chain, Role.ADMINISTRATOR), builder.actor(chain, Role.BUYER)
    with db.session(actor.who) as session:
        with pytest.raises(NotFound):
            steps.do_without(session, actor, Step.ITEMS)
        with pytest.raises(NotAllowed):
            steps.do_without(session, buyer, Step.CORE)
        with pytest.raises(NotAllowed):
            steps.put_away(session, buyer)
