"""Master data that came with captured documents: what its sender says of places, classes and parties of its own."""

from typing import Any

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field

from hub.models.base import Record, UtcDateTime, document, identity, instant, waits


class VocabularyElement(Record, table=True):
    """What somebody said of one element of a vocabulary, in one version; ``replaced_at`` is empty on the newest.

    ``element`` and ``children`` are canonical identifiers, ``attributes`` full names with a value, or a list of
    several; ``digest`` is the SHA-256 of what is said. It is its sender's word, asked by its own queries alone, but for
    the names of what its own events name: who may read such an event is told those by ``names_said``.
    """

    __tablename__ = "vocabulary_element"
    __table_args__ = identity(
        UniqueConstraint("owner_id", "vocabulary", "element", "version"),
        Index("ix_vocabulary_element_owner_id_element", "owner_id", "element"),
        waits("ix_vocabulary_element_current", "owner_id", "vocabulary", "element", until="replaced_at is null"),
    )

    vocabulary: str = Field(max_length=300)
    element: str = Field(max_length=1000)
    version: int = Field(default=1, sa_type=BigInteger)
    attributes: dict[str, Any] = document(default_factory=dict)
    children: list[str] = document(default_factory=list)
    digest: str = Field(max_length=64)
    replaced_at: UtcDateTime | None = instant(default=None)
