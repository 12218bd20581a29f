"""A lot's labels for a printer: asked for on its page."""

import re
from datetime import date

from hub import db
from hub.demo import builder
from hub.gs1.syntax import compression
from hub.models.catalogue import Lot
from hub.models.party import OrganizationKind, Role
from tests.supermarket import signed_in


def test_a_lots_labels_are_numbered_and_dated_where_that_is_wanted(clean, keys_of_the_hub):
    farm = builder.party(OrganizationKind.SUPPLIER, "Qinghe")
    item = builder.item(farm)
    with db.session(db.Who(farm.id)) as session:
        lot = Lot(owner_id=farm.id, trade_item_id=item.id, number="L1", best_before=date(2026, 12, 2))
        session.add(lot)
    browser = signed_in(farm, Role.SUPPLIER)
    address = f"/supplier/lots/{lot.id}/label.zpl"
    plain = browser.get(address)
    assert plain.status_code == 200 and plain.text.count("^XA") == 1 and f"/01/{item.gtin}/10/L1^FS" in plain.text
    packs = browser.get(f"{address}?code=datamatrix&expiry=true&first=7&copies=2").text
    assert [f"_101{item.gtin}1526120210L1_121{number}^FS" in packs for number in (7, 8, 9)] == [True, True, False]
    assert browser.get(f"{address}?code=aztec").status_code == 422
    assert browser.get(f"/supplier/lots/{lot.id}/label.svg").status_code == 200
    assert browser.get(f"/supplier/lots/{lot.id}/label.pdf?copies=1").content.startswith(b"%PDF")
    short = browser.get(f"{address}?compressed=true&expiry=true&first=7&copies=1").text
    link = compression.parse(re.search(r"\^FDMA,([^^]*)\^FS", short)[1])
    assert (link.value, link.qualifiers, link.attributes) == (
        item.gtin,
        (("10", "L1"), ("21", "7")),
        (("15", "261202"),),
    )
