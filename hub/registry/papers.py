"""The certificates that vouch for an organisation."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import func
from sqlmodel import Session, col, select

from hub import documents, parties
from hub.access import Actor
from hub.errors import HubError, InvalidInput
from hub.inputs import Day
from hub.models.base import now
from hub.models.catalogue import Certificate
from hub.models.party import day_of
from hub.parties import CertificateDetails
from hub.registry.register import Register

KINDS = ("gap", "organic", "green", "haccp", "iso22000", "licence", "other")


class PaperTaken(HubError):
    """A certificate of this number is here already."""

    code, status, at = "paper-taken", 409, "number"


class PaperForm(BaseModel):
    """A certificate as people say it."""

    number: str = Field(min_length=1, max_length=60)
    kind: str = Field(max_length=40)
    name_zh: str = Field(min_length=1, max_length=120)
    name_en: str = Field(default="", max_length=120)
    issuer: str = Field(min_length=1, max_length=120)
    valid_from: Day
    valid_to: Day | None = None
    file_sha256: str = Field(default="", max_length=64)


class Papers(Register[Certificate, PaperForm]):
    """The certificates of the actor's organisation, but for those of single lots; known by their number."""

    name, model, form, key = "paper", Certificate, PaperForm, "number"
    found_by = ("name_zh", "name_en", "number", "issuer")

    def mine(self, actor: Actor) -> Any:
        """Those that vouch for the whole organisation."""
        return super().mine(actor) & col(Certificate.lot_id).is_(None)

    def over(self) -> Any:
        """Those whose last day has passed."""
        today = day_of(col(Certificate.owner_id), now())
        return col(Certificate.valid_to).is_not(None) & (col(Certificate.valid_to) < today)

    def order(self) -> Sequence[Any]:
        """Those that end first before the others."""
        return (col(Certificate.valid_to).asc().nulls_last(),)

    def values(self, session: Session, row: Certificate) -> dict[str, Any]:
        """What the form says of a certificate now."""
        return {name: getattr(row, name) for name in PaperForm.model_fields}

    def new(self, session: Session, details: Mapping[str, Any]) -> Certificate:
        """A certificate that is filed."""
        return parties.certify(session, CertificateDetails(**details))

    def details(self, session: Session, actor: Actor, form: PaperForm, known: Certificate | None) -> Mapping[str, Any]:
        """A certificate's columns."""
        if form.valid_to is not None and form.valid_to < form.valid_from:
            raise InvalidInput("It ends before it begins.", at="valid_to")
        same = select(Certificate).where(self.mine(actor), col(Certificate.number) == form.number)
        taken = session.exec(same).first()
        if taken is not None and taken is not known:
            raise PaperTaken
        documents.require_own(session, form.file_sha256, "file_sha256")
        return form.model_dump() | {"name_en": form.name_en or form.name_zh}

    def ended(self, row: Certificate, on: date | None) -> None:
        """A certificate ends by its validity."""
        row.valid_to = max(on, row.valid_from) if on else None


def vouching(session: Session, owner_ids: Collection[UUID], at: datetime) -> Sequence[Certificate]:
    """The papers that vouch for whole organisations, as far as the session reads them: those that end first.

    Those that have ended stand behind them.
    """
    over = func.coalesce(col(Certificate.valid_to) < day_of(col(Certificate.owner_id), at), False)
    return session.exec(
        select(Certificate)
        .where(col(Certificate.owner_id).in_(owner_ids), col(Certificate.lot_id).is_(None))
        .order_by(over, col(Certificate.valid_to).asc().nulls_last(), col(Certificate.number))
    ).all()
