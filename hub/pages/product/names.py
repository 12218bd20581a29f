"""What parties, places, items and papers are called on a lot's page: as their owners signed it, as of a moment."""

from datetime import datetime
from typing import Any

from markupsafe import Markup

from hub.gs1 import master_data
from hub.ledger.audit.verdict import Verdict
from hub.ledger.checks.statements import Statements
from hub.web.i18n import Language


class Said(str):
    """A word out of a signed statement. Laid out by a template, it names the statement, for browsers to compare."""

    subject: str
    attribute: str
    at: str

    @classmethod
    def of(cls, text: str, subject: str, attribute: str, at: datetime | None) -> "Said":
        """The text of a subject's attribute, as it was at a moment (now)."""
        word = cls(text)
        word.subject, word.attribute, word.at = subject, attribute, at.isoformat() if at else ""
        return word

    def __html__(self) -> str:
        """As HTML, with what it was taken from."""
        mark = Markup('<span data-subject="{}" data-attribute="{}" data-at="{}">{}</span>')
        return mark.format(self.subject, self.attribute, self.at, str(self))


class Names:
    """The names of what a verdict speaks of. What no record covers, or no verdict, is called as the hub calls it.

    Nothing of it was ``judged`` while the chain could not be asked.
    """

    def __init__(self, verdict: Verdict | None, speaks: Language) -> None:
        self._speaks = speaks
        self.judged = verdict is not None and verdict.head is not None
        self._statements = verdict.statements if verdict else Statements()
        self._members = {fact.subject: fact.member for fact in verdict.facts} if verdict else {}

    def of(self, row: Any, at: datetime | None = None) -> str:
        """What a party, place, item or paper was called at a moment, or is called now."""
        own, other = f"name_{self._speaks.code}", f"name_{self._speaks.other.code}"
        return self.word(row, own, at) or self.word(row, other, at) or self._speaks.name(row)

    def word(self, row: Any, attribute: str, at: datetime | None = None) -> str:
        """One thing that its owner states of it; empty where it states none."""
        subject = master_data.subject(row.id)
        member = self._members.get(subject, 0)
        statement = self._statements.at(member, subject, at)
        if statement is None:
            return str(getattr(row, attribute))
        return Said.of(statement.attributes.get(attribute, ""), subject, attribute, at)

    def later(self, row: Any, at: datetime) -> str:
        """What it is called now, where that is another name than at the moment; else empty."""
        name = self.of(row)
        return "" if name == self.of(row, at) else name
