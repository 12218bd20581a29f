"""Claims as they are found: by their number, their order's, or their lot's."""

from sqlmodel import Session

from hub.access import Actor
from hub.finding import Asked, Found, Results, Way, results
from hub.models.party import OrganizationKind
from hub.web.i18n import Language
from supplier_portal import lookup
from supplier_portal.claims import claim_book
from supplier_portal.claims.words import claim_address, claim_state, kind_of


def claims(session: Session, actor: Actor, asked: Asked, speaks: Language) -> Results:
    """The claims of either side."""
    if (search := asked.search("lot")) is None:
        return Results()
    supplier = actor.kind is OrganizationKind.SUPPLIER
    page = claim_book.claims(session, actor, search)
    parties = lookup.organizations(
        session, {row.claim.owner_id if supplier else row.claim.supplier_id for row in page.rows}
    )
    found = [
        Found(
            row.claim.number,
            " · ".join(
                [
                    speaks.name(parties[row.claim.owner_id if supplier else row.claim.supplier_id]),
                    kind_of(row.claim, speaks),
                    speaks.name(row.item),
                ]
            ),
            claim_address(row.claim, supplier=supplier),
            claim_state(row.state, speaks, supplier=supplier),
            asked.exactly(row.claim.number),
        )
        for row in page.rows
    ]
    return results(found, search, page.total, f"/{'supplier' if supplier else 'buyer'}/claims", state="all")


BOUGHT = Way("/buyer/claims/{claim_id}", claims)
SOLD = Way("/supplier/claims/{claim_id}", claims)
