"""V6 and V7: by whose keys records were signed, over which sentences."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from chain_node.facts import Key
from hub.errors import N_
from hub.gs1 import reading
from hub.ledger.checks.evidence import Record, Signed
from hub.ledger.checks.findings import Check, Outcome, ranges
from hub.ledger.formats import streams


@dataclass(frozen=True)
class Signatures:
    """What a member signed, and what its signatures are known by: its keys, and the contract they are given for."""

    member: int
    signed: Sequence[Signed]
    keys: Sequence[Key]
    domain: streams.Domain

    def findings(self, numbers: Sequence[int], untrue: Collection[int] = ()) -> list[Check]:
        """V6 and V7: some records are under signatures of keys of their member, over sentences that are true.

        ``numbers`` are the records', rising: all up to the stream's head for an auditor, those of one lot for a
        shopper. ``untrue`` are the places of what was signed under another sentence (``Sentences``).
        """
        findings: list[Check] = []
        covered: list[range] = []
        by_hub = 0
        accounts = {key.account: key for key in self.keys}
        for place, submission in enumerate(self.signed):
            span = range(submission.said.first_seq, submission.said.first_seq + submission.said.count)
            values = {"member": self.member, "first": span.start, "last": span.stop - 1}
            signer = _signer(submission, self.domain)
            if signer not in accounts:
                reason = N_("Records %(first)s–%(last)s of member %(member)s are not signed by a key of that member")
                findings.append(Check("V6", Outcome.NOT_SIGNED, reason, values))
                continue
            if place in untrue:
                reason = N_("Records %(first)s–%(last)s of member %(member)s were signed under another sentence")
                findings.append(Check("V6", Outcome.ALTERED, reason, values))
            covered.append(span)
            by_hub += len(_within(span, numbers)) if accounts[signer].hub_held else 0
        if bare := _outside(covered, numbers):
            reason = N_("Records %(gaps)s of member %(member)s are under no signature of that member")
            findings.append(Check("V6", Outcome.NOT_SIGNED, reason, {"member": self.member, "gaps": ranges(bare)}))
        if not findings:
            reason = N_("Member %(member)s signed all %(count)s records")
            findings.append(Check("V6", Outcome.VALID, reason, {"member": self.member, "count": len(numbers)}))
        return [*findings, _whose_key(self.member, by_hub)]


def _within(span: range, numbers: Sequence[int]) -> Sequence[int]:
    """Those of the numbers that lie in a span."""
    return numbers[bisect_left(numbers, span.start) : bisect_left(numbers, span.stop)]


def _outside(spans: Iterable[range], numbers: Sequence[int]) -> list[int]:
    """Those of the numbers that lie in none of some spans."""
    bare: list[int] = []
    place = 0
    for span in sorted(spans, key=lambda span: span.start):
        bare += numbers[place : bisect_left(numbers, span.start, place)]
        place = bisect_left(numbers, span.stop, place)
    return [*bare, *numbers[place:]]


def _whose_key(member: int, by_hub: int) -> Check:
    if by_hub:
        reason = N_("%(count)s records of member %(member)s are the hub's testimony: it holds that key")
        return Check("V7", Outcome.HUB_ATTESTED, reason, {"member": member, "count": by_hub})
    return Check("V7", Outcome.VALID, N_("Member %(member)s keeps its own key"), {"member": member})


def _signer(signed: Signed, domain: streams.Domain) -> bytes:
    try:
        return streams.recover(streams.digest(domain, signed.said), signed.signature)
    except (streams.SignatureRefused, ValueError):  # also of what is no submission: hashes of another length
        return b""


class Sentences:
    """Whether each sentence that was shown to a signer says what its records say; not judged where some are withheld.

    Takes a stream's records in their order, and keeps of them what the sentences being read need.
    """

    def __init__(self, signed: Sequence[Signed]) -> None:
        self.untrue: set[int] = set()
        self._signed = signed
        places = [place for place, submission in enumerate(signed) if submission.sentence is not None]
        self._waiting = sorted(places, key=lambda place: signed[place].said.first_seq, reverse=True)
        self._lines: dict[int, list[tuple[str, str, str]]] = {}

    def take(self, record: Record) -> None:
        """Read the next record into the sentences that speak of it."""
        while self._waiting and self._first(self._waiting[-1]) <= record.seq:
            self._lines[self._waiting.pop()] = []
        event = record.event if self._lines else None
        for place, lines in list(self._lines.items()):
            if event is None or self._first(place) + len(lines) != record.seq:
                del self._lines[place]
                continue
            lines.append(reading.summary_line(event))
            if len(lines) == self._signed[place].said.count:
                self._judge(place, self._lines.pop(place))

    def _first(self, place: int) -> int:
        return self._signed[place].said.first_seq

    def _judge(self, place: int, lines: Sequence[tuple[str, str, str]]) -> None:
        submission, sentence = self._signed[place].said, self._signed[place].sentence or ""
        try:
            true = streams.summary(lines, sentence.rpartition("#")[2]) == sentence
        except ValueError:
            true = False
        if not true or streams.summary_hash(sentence) != submission.summary_hash:
            self.untrue.add(place)
