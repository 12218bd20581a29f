"""What somebody may type who means a thing: its number, its name in either language, pinyin and its first letters."""

import os
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlmodel import select

from hub import db, sought
from hub.demo import builder
from hub.lists import Search
from hub.models.catalogue import TradeItem
from hub.models.party import OrganizationKind, Role
from hub.registry.items import Items

CHECKOUT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("番茄", "fanqie"),
        ("番茄", "fq"),
        ("普罗旺斯番茄", "fanqie"),
        ("重庆店", "chongqing"),
        ("绿叶菜", "lvye"),
        ("Provence tomatoes", "provence"),
        ("番茄 500g", "500g"),
    ],
)
def test_a_name_is_found_by_what_people_type(name, typed):
    assert typed in sought.key(name)


@pytest.mark.parametrize(
    ("typed", "compared"),
    [
        ("ＴＯＭＡＴＯ　５", "tomato 5"),
        ("to\x00ma\u202eto\u200f\ud800", "tomato"),
        ("  a\t\nb ", "a b"),
        ("\x00", ""),
    ],
)
def test_what_shows_nothing_counts_nothing(typed, compared):
    assert sought.fold(typed) == compared


def test_signs_with_a_meaning_of_their_own_mean_themselves():
    assert sought.patterns("100%_\\") == ["%100\\%\\_\\\\%"]
    assert len(sought.patterns("a " * 5000)) == 8


def found(farm, words):
    actor = builder.actor(farm, Role.SUPPLIER)
    with db.session(actor.who) as session:
        return [item.name_en for item in Items().page(session, actor, Search(words)).rows]


def test_an_item_is_found_by_its_present_name_alone(clean):
    farm = builder.party(OrganizationKind.SUPPLIER)
    item = builder.item(farm, "Tomatoes", "番茄")
    assert found(farm, "fanqie") == found(farm, "番茄 toma") == found(farm, item.gtin[1:]) == ["Tomatoes"]
    with db.session(db.Who(farm.id)) as session:
        session.exec(select(TradeItem)).one().name_zh = "黄瓜"
    assert found(farm, "huanggua") == ["Tomatoes"] and found(farm, "fanqie") == found(farm, "%") == []


def test_what_was_there_before_is_found_as_well(clean):
    farm = builder.party(OrganizationKind.SUPPLIER, "Qinghe", "清河")
    builder.item(farm, "Tomatoes", "番茄")
    config = Config(str(CHECKOUT / "alembic.ini"))
    assert os.environ["FURROW_DATABASE_OWNER_URL"]
    command.downgrade(config, "0030")
    command.upgrade(config, "head")
    db.dispose()
    assert found(farm, "fq") == ["Tomatoes"]
    with db.hub_session() as session:
        assert "qinghe" in session.execute(text("select sought from organization")).scalar_one()
