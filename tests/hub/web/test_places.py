"""The pages of places: chosen, drawn on a map, changed by sheet."""

import pytest
from sqlmodel import select

from hub import db
from hub.models.party import OrganizationKind, Place
from tests.hub.web.test_files import signed_in

STORE = {"name_zh": "历下店", "name_en": "Lixia", "kind": "store", "latitude": "36.66", "longitude": "117.07",
         "opens": "06:00", "closes": "20:00"}  # fmt: skip
CENTRE = STORE | {"name_zh": "济南配送中心", "name_en": "Jinan centre", "kind": "dc", "longitude": "117.2"}


@pytest.fixture
def chain(clean):
    browser, _ = signed_in("Hejia", OrganizationKind.RETAILER)
    for place in (CENTRE, STORE):
        assert browser.post("/settings/places/new", data=place).status_code == 303
    yield browser
    browser.__exit__(None, None, None)


def place(name: str) -> Place:
    with db.hub_session() as session:
        return session.exec(select(Place).where(Place.name_en == name)).one()


def test_a_store_is_served_from_a_centre_that_is_chosen_by_its_name(chain):
    centre, store = place("Jinan centre"), place("Lixia")
    form = chain.get(f"/settings/places/{store.id}").text
    assert f'<option value="{centre.gln}">Jinan centre</option>' in form
    more = {"served_from": centre.gln, "docks": "2", "closed_on": ["6", "7"], "gln": store.gln}
    assert chain.post(f"/settings/places/{store.id}", data=STORE | more).status_code == 303
    kept = place("Lixia")
    assert (kept.served_from_id, kept.docks, kept.closed_on) == (centre.id, 2, "6 7")
    shown = chain.get(f"/settings/places/{store.id}").text
    assert f'<option value="{centre.gln}" selected>' in shown and "Saturday, Sunday" in shown
    sheet = chain.get("/settings/places/export.csv").content.decode("utf-8-sig")
    assert centre.gln in sheet and "Saturday, Sunday" in sheet
    changed = sheet.replace("Saturday, Sunday", "星期一、Sunday").encode()
    asked = chain.post("/settings/places/import", files={"file": ("places.csv", changed, "text/csv")}).text
    chain.post("/settings/places/import/" + asked.split('action="/settings/places/import/')[1].split('"')[0])
    assert place("Lixia").closed_on == "1 7"


def test_all_places_are_drawn_with_their_names_above_their_list(chain):
    shown = chain.get("/settings/places").text
    assert 'aria-label="Your places"' in shown and shown.count(">Lixia</text>") == 2


def test_the_map_follows_what_is_typed_and_waits_for_what_cannot_be_read(chain):
    store = place("Lixia")
    form = chain.get(f"/settings/places/{store.id}").text
    assert f'hx-get="/settings/places/map/at?place={store.id}"' in form
    at = {"place": str(store.id), "latitude": "36.5", "longitude": "117"}
    assert chain.get("/settings/places/map/at", params=at).text.count('class="done') == 1
    for typed in ("", "x", "nan", "91", "1e999"):
        answer = chain.get("/settings/places/map/at", params=at | {"latitude": typed})
        assert answer.status_code == 200 and "<svg" in answer.text and 'class="done' not in answer.text


def test_no_place_of_another_is_drawn(chain):
    rival, _ = signed_in("Rival", OrganizationKind.RETAILER)
    try:
        mine = place("Lixia")
        assert "map-wide" not in rival.get("/settings/places").text
        assert "<svg" not in rival.get("/settings/places/map/at", params={"place": str(mine.id)}).text
    finally:
        rival.__exit__(None, None, None)
