"""How a supplier delivers: to everybody, and to single buyers where they are delivered to otherwise."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field
from sqlalchemy import func
from sqlmodel import Session, col, select

from hub import parties
from hub.access import Actor
from hub.errors import N_, HubError
from hub.inputs import Count, Figure, weekdays
from hub.lists import CountedPage, Search
from hub.models.party import Organization, OrganizationKind
from hub.models.supply import SupplyTerms
from hub.registry.register import Named, Register

_DAY = re.compile(r"(\d{4})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*日?")
_UNTIL = ("~", "–", "—", "-", "/", "至", "到", "to")
_A_DAY = timedelta(days=1)
_MOST = 400
"""Days without deliveries that are kept: more than a year's."""


class DeliversNothing(HubError):
    """Only suppliers say how they deliver."""

    code, status = "delivers-nothing", 409


class TermsTaken(HubError):
    """There are terms for this buyer already. Change those."""

    code, status, at = "terms-taken", 409, "buyer"


class BuyerFixed(HubError):
    """The buyer of terms stays. End these, and add others."""

    code, status, at = "buyer-fixed", 409, "buyer"


def days_of(text: str) -> list[date]:
    """The days of a list such as ``2027-01-01, 2027-02-05 ~ 2027-02-12``; refused where one is no day."""
    days: set[date] = set()
    for part in filter(str.strip, re.split(r"[,;、\n]+", unicodedata.normalize("NFKC", text))):
        written, between = _DAY.findall(part), _DAY.sub("", part).strip()
        try:
            first, last = (date(*map(int, day)) for day in (written[0], written[-1]))
        except (IndexError, ValueError):
            raise ValueError(_SUCH_AS) from None
        if (
            between not in (("",) if len(written) == 1 else _UNTIL)
            or len(written) > 2
            or not 2000 <= first.year <= 2100
        ):
            raise ValueError(_SUCH_AS)
        if not 0 <= (last - first).days < _MOST:
            raise ValueError(N_("A span of days ends after it begins, within a year."))
        days |= {first + n * _A_DAY for n in range((last - first).days + 1)}
    if len(days) > _MOST:
        raise ValueError(N_("These are too many days. Leave those out that are over."))
    return sorted(days)


_SUCH_AS = N_("Write days such as 2027-01-01, with commas between, and spans such as 2027-02-05 ~ 2027-02-12.")


def as_list(days: Sequence[date]) -> str:
    """The same the other way round: days that follow each other are a span."""
    spans: list[list[date]] = []
    for day in days:
        if spans and day - spans[-1][-1] == _A_DAY:
            spans[-1].append(day)
        else:
            spans.append([day])
    return ", ".join(f"{span[0]} ~ {span[-1]}" if len(span) > 1 else f"{span[0]}" for span in spans)


def _weekdays(ticked: Any) -> str:
    """Days of the week; all seven are as good as none."""
    chosen = weekdays(ticked)
    return "" if len(chosen.split()) == 7 else chosen


class TermsForm(BaseModel):
    """Terms as people say them; without a buyer they are for everybody."""

    buyer: str = Field(default="", max_length=20)
    lead_days: Count = Field(ge=0, le=365)
    weekdays: Annotated[str, BeforeValidator(_weekdays)] = ""
    minimum: Figure = Field(default=Decimal(0), ge=0, le=10_000_000, decimal_places=2)
    days_off: Annotated[str, Field(max_length=4000), AfterValidator(lambda text: as_list(days_of(text)))] = ""


_EVERYBODY = Named("所有采购方", "Every buyer")


class Terms(Register[SupplyTerms, TermsForm]):
    """The terms of the actor's organisation, known by the buyer they are for."""

    name, model, form, key = "terms", SupplyTerms, TermsForm, "buyer"

    def normal(self, key: str) -> str:
        """A GLN without blanks."""
        return key.replace(" ", "").replace("-", "")

    def meant(self, cells: Mapping[str, str]) -> str:
        """The buyer; without one they are everybody's."""
        return self.normal(cells.get("buyer", "")) or "*"

    def key_of(self, session: Session, row: SupplyTerms) -> str:
        """Likewise, of a row."""
        return parties.gln_of(session, row.buyer_id) or "*"

    def label_of(self, session: Session, row: SupplyTerms) -> str:
        """The buyer's GLN; nothing where they are everybody's."""
        return parties.gln_of(session, row.buyer_id)

    def thing(self, session: Session, row: SupplyTerms) -> Any:
        """The buyer."""
        return session.get_one(Organization, row.buyer_id) if row.buyer_id else _EVERYBODY

    def values(self, session: Session, row: SupplyTerms) -> dict[str, Any]:
        """What the form says of them now."""
        told = {name: getattr(row, name) for name in ("lead_days", "weekdays", "minimum")}
        days_off = as_list([date.fromisoformat(day) for day in row.days_off])
        return {"buyer": parties.gln_of(session, row.buyer_id)} | told | {"days_off": days_off}

    def page(self, session: Session, actor: Actor, search: Search) -> CountedPage[SupplyTerms]:
        """Those for everybody first, then those of the buyers that a search finds, by their names."""
        found = self.narrowed(actor, search, col(Organization.sought))
        of_buyer = col(Organization.id) == col(SupplyTerms.buyer_id)
        rows = select(SupplyTerms).join(Organization, of_buyer, isouter=True).where(found)
        total = session.exec(select(func.count()).select_from(rows.subquery())).one()
        rows = rows.order_by(*self.sorted(search), col(SupplyTerms.id))
        return CountedPage(session.exec(rows.offset(search.before).limit(search.size)).all(), total, search)

    def order(self) -> Sequence[Any]:
        """Everybody's first, then by the buyers' names; those that ended last."""
        return (self.over(), col(Organization.name_en).nulls_first())

    def details(self, session: Session, actor: Actor, form: TermsForm, known: SupplyTerms | None) -> Mapping[str, Any]:
        """The columns of terms."""
        if actor.kind is not OrganizationKind.SUPPLIER:
            raise DeliversNothing
        buyer = parties.buyer(session, form.buyer)
        buyer_id = buyer.id if buyer else None
        if known is not None and known.buyer_id != buyer_id:
            raise BuyerFixed
        same = select(SupplyTerms).where(self.mine(actor), col(SupplyTerms.buyer_id).is_not_distinct_from(buyer_id))
        if (taken := session.exec(same).first()) is not None and taken is not known:
            raise TermsTaken
        told = form.model_dump() | {"buyer_id": buyer_id, "owner_id": actor.organization_id}
        del told["buyer"]
        return told | {"days_off": [day.isoformat() for day in days_of(form.days_off)]}
