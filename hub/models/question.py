"""Questions of events that are kept by name, and who is told of new answers."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field

from hub.models.base import Record, UtcDateTime, document, identity, instant, owned


class NamedQuery(Record, table=True):
    """An EPCIS query under a name of its owner's; ``query`` is the JSON object it was made of."""

    __tablename__ = "named_query"
    __table_args__ = identity(UniqueConstraint("owner_id", "name"))

    name: str = Field(max_length=100)
    query: dict[str, Any] = document(default_factory=dict)


class Subscription(Record, table=True):
    """Whom the hub tells of the events that answer a named query, and up to which place in the log it has.

    ``schedule`` is empty for who wants each as soon as it is sealed. ``token`` signs what is sent; it
    lies sealed. ``tried_at`` is when something was sent last, ``answered`` the status of HTTP that came back, if any.
    """

    __table_args__ = identity(owned("query_id", "named_query"))

    query_id: UUID = Field(index=True)
    destination: str = Field(max_length=1000)
    token: str = ""
    schedule: dict[str, Any] = document(default_factory=dict)
    report_if_empty: bool = False
    initial_record_time: UtcDateTime | None = instant(default=None)
    epc_format: str = Field(max_length=30)
    mark: int = Field(default=-1, sa_type=BigInteger)
    due_at: UtcDateTime = instant(index=True)
    told_at: UtcDateTime | None = instant(default=None)
    failures: int = Field(default=0, sa_type=BigInteger)
    problem: str = Field(default="", max_length=300)
    tried_at: UtcDateTime | None = instant(default=None)
    answered: int | None = Field(default=None, sa_type=BigInteger)
