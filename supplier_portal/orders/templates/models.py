"""Orders to begin with."""

from typing import Any
from uuid import UUID

from sqlmodel import Field

from hub.models.base import Record, UtcDateTime, document, identity, instant, waits


class OrderTemplate(Record, table=True):
    """What a buyer orders of a supplier, by a name; ``lines`` is a list of {item, quantity}. The buyer's alone."""

    __tablename__ = "order_template"
    __table_args__ = identity(waits("wait_order_template", "owner_id", until="ended_at is null"))

    name: str = Field(max_length=80)
    supplier_id: UUID
    lines: list[Any] = document(default_factory=list)
    ended_at: UtcDateTime | None = instant(default=None)
