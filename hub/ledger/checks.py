"""The checks that a shopper, an auditor, the command line and the browser are shown. Pure.

Each has its outcome and reason. Numbers are those of the ledger's design: V1 to V7, V9 and V11. Nothing
here asks the hub: what is judged comes from a bundle, and what it is judged against from the chain.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from chain_node.facts import Head, Key, RecallSaid, RegisteredLot
from hub.errors import N_, HubError
from hub.gs1 import jcs, reading
from hub.ledger.custody import goods, standing
from hub.ledger.custody.standing import Told
from hub.ledger.formats import lots, merkle, streams


class Outcome(StrEnum):
    """What a check found."""

    VALID = "valid"
    HUB_ATTESTED = "hub-attested"
    WITHHELD = "withheld"
    PENDING = "pending"
    ALTERED = "altered"
    MISSING = "missing"
    NOT_SIGNED = "not-signed"
    DISPUTED = "disputed"
    ERASED = "erased"
    STALE = "stale"
    NO_WORD = "no-word"


GOOD = frozenset({Outcome.VALID, Outcome.HUB_ATTESTED, Outcome.WITHHELD, Outcome.NO_WORD})
"""Outcomes that "all valid" allows."""

TITLES = {
    "V1": N_("The right chain, fresh and final"),
    "V2": N_("What the chain stores, proved"),
    "V3": N_("The content was not altered"),
    "V4": N_("No record is missing"),
    "V5": N_("It stands in the ledger"),
    "V6": N_("Signed by its member"),
    "V7": N_("Who holds the key"),
    "V9": N_("The ledger was never rewritten"),
    "V11": N_("Lots, hand-overs and recalls agree on both sides"),
}


@dataclass(frozen=True)
class Check:
    """One finding: which check, about what, how it came out and why."""

    code: str
    outcome: Outcome
    reason: str
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What was checked, as a sentence to translate."""
        return TITLES[self.code]

    @property
    def good(self) -> bool:
        """Whether "all valid" allows it."""
        return self.outcome in GOOD

    def __str__(self) -> str:
        return f"{self.code} {self.outcome}: {self.reason % self.values}"


@dataclass(frozen=True)
class Record:
    """One record of a stream as it was handed over; without payload and salt it is withheld."""

    member: int
    seq: int
    commitment: bytes
    payload: bytes | None = None
    salt: bytes | None = None
    erased: bool = False

    @cached_property
    def event(self) -> dict[str, Any] | None:
        """The event inside, None when it is withheld or unreadable."""
        return None if self.payload is None else reading.event_of(self.payload)


@dataclass(frozen=True)
class Signed:
    """A submission with its signature, and the sentence that was shown when it was signed, where it may be seen."""

    said: streams.Submission
    signature: bytes
    sentence: str | None = None


@dataclass(frozen=True)
class Inclusion:
    """Where the log holds a leaf, and the path to its root."""

    index: int
    size: int
    proof: Sequence[bytes]


def all_good(checks: Iterable[Check]) -> bool:
    """Whether nothing stands outside valid, hub-attested, withheld and no word of the lot's."""
    return all(check.good for check in checks)


def contents(records: Iterable[Record]) -> list[Check]:
    """V3 of some records."""
    judged = Contents()
    for record in records:
        judged.take(record)
    return judged.findings()


class Contents:
    """V3: every payload is the one that was committed to. Takes one record after the other, and keeps none."""

    def __init__(self) -> None:
        self._bad: list[Check] = []
        self._open = self._hidden = 0

    def take(self, record: Record) -> None:
        """Judge the next record."""
        self._open += record.payload is not None
        self._hidden += record.payload is None
        if (check := _content(record)) is not None:
            self._bad.append(check)

    def findings(self) -> list[Check]:
        """The checks of what was taken."""
        findings = list(self._bad)
        if self._open and not findings:
            reason = N_("%(count)s records match their seals")
            findings.append(Check("V3", Outcome.VALID, reason, {"count": self._open}))
        if self._hidden:
            reason = N_("%(count)s records are not for this reader")
            findings.append(Check("V3", Outcome.WITHHELD, reason, {"count": self._hidden}))
        return findings


def _content(record: Record) -> Check | None:
    if record.payload is None:
        return None
    values = {"member": record.member, "seq": record.seq}
    try:
        strict = jcs.canonical(jcs.parse(record.payload)) == record.payload
    except HubError:
        strict = False
    salt = record.salt or b""
    if not strict or len(salt) != 32 or streams.commitment(record.payload, salt) != record.commitment:
        return Check("V3", Outcome.ALTERED, N_("Record %(seq)s of member %(member)s is not what was sealed"), values)
    if wrong := reading.unreadable(record.event):
        reason = N_("Record %(seq)s of member %(member)s says what nobody can read: %(path)s")
        return Check("V3", Outcome.DISPUTED, reason, values | {"path": wrong})
    return None


class Links:
    """V4: the records are dense from the first to the chain's head, each linked to the one before.

    Takes a stream's records in their order, and keeps none.
    """

    def __init__(self, head: Head, log_id: bytes, member: int) -> None:
        self._head, self._log_id, self._member = head, log_id, member
        self._next, self._later, self._whole = 1, 0, True
        self._gaps: list[int] = []
        self._previous = streams.ZERO

    def take(self, record: Record) -> bytes | None:
        """The leaf of the next record as rebuilt from its fields; None where the chain of leaves does not reach it."""
        if record.seq > self._head.seq:
            self._later += 1
            return None
        self._miss(record.seq)
        self._next = record.seq + 1
        self._whole = self._whole and len(record.commitment) == 32
        if not self._whole:
            return None
        self._previous = streams.leaf(self._log_id, self._member, record.seq, self._previous, record.commitment)
        return self._previous

    def _miss(self, until: int) -> None:
        """None of the numbers from the next on to this one came."""
        self._gaps += range(self._next, until)
        self._whole = self._whole and not self._gaps

    def findings(self) -> list[Check]:
        """The checks of the stream, once all its records are taken."""
        self._miss(self._head.seq + 1)
        values: dict[str, Any] = {"member": self._member, "count": self._head.seq}
        if self._gaps:
            reason = N_("Member %(member)s: records %(gaps)s of %(count)s were taken away")
            first = Check("V4", Outcome.MISSING, reason, values | {"gaps": _ranges(self._gaps)})
        elif self._previous != self._head.leaf:
            reason = N_("Member %(member)s: the records do not lead to the head that the chain keeps")
            first = Check("V4", Outcome.ALTERED, reason, values)
        else:
            reason = N_("Member %(member)s: all %(count)s records are here, in order")
            first = Check("V4", Outcome.VALID, reason, values)
        if not self._later:
            return [first]
        reason = N_("Member %(member)s: %(later)s newer records are not on the chain yet")
        return [first, Check("V4", Outcome.PENDING, reason, values | {"later": self._later})]


def included(leaf: bytes, where: Inclusion | None, root: bytes, size: int, about: Mapping[str, Any]) -> Check:
    """V5: the leaf stands in the log of this size and root."""
    if where is None:
        return Check("V5", Outcome.PENDING, N_("Record %(seq)s of member %(member)s is not in the ledger yet"), about)
    if where.size != size or not merkle.verify_inclusion(where.index, size, leaf, where.proof, root):
        return Check("V5", Outcome.MISSING, N_("Record %(seq)s of member %(member)s is not in the ledger"), about)
    values = {**about, "index": where.index, "size": size}
    return Check("V5", Outcome.VALID, N_("Record %(seq)s of member %(member)s is entry %(index)s of %(size)s"), values)


def counted(member: int, count: int, gone: Sequence[int], held: int) -> list[Check]:
    """V4 for who may not read a whole stream, by what the database counts of it: nothing where all is there.

    ``count`` is what the chain says, ``gone`` are the numbers of sealed records that are not there, ``held`` is how
    many are.
    """
    missing = [seq for seq in gone if seq <= count]
    if not missing and held >= count:
        return []
    reason = N_("Member %(member)s: %(gone)s of its %(count)s records were taken away")
    values = {"member": member, "count": count, "gone": len(missing) or count - held}
    return [Check("V4", Outcome.MISSING, reason, values)]


def signatures(
    signed: Sequence[Signed],
    numbers: Sequence[int],
    keys: Sequence[Key],
    domain: streams.Domain,
    untrue: Collection[int] = (),
    *,
    member: int,
) -> list[Check]:
    """V6 and V7: the records are under signatures of keys of their member, over sentences that are true.

    ``numbers`` are the records', rising: all up to the stream's head for an auditor, those of one lot for a
    shopper. ``untrue`` are the places of what was signed under another sentence (``Sentences``).
    """
    findings: list[Check] = []
    covered: list[range] = []
    by_hub = 0
    accounts = {key.account: key for key in keys}
    for place, submission in enumerate(signed):
        values = {
            "member": member,
            "first": submission.said.first_seq,
            "last": submission.said.first_seq + submission.said.count - 1,
        }
        signer = _signer(submission, domain)
        if signer not in accounts:
            reason = N_("Records %(first)s–%(last)s of member %(member)s are not signed by a key of that member")
            findings.append(Check("V6", Outcome.NOT_SIGNED, reason, values))
            continue
        if place in untrue:
            reason = N_("Records %(first)s–%(last)s of member %(member)s were signed under another sentence")
            findings.append(Check("V6", Outcome.ALTERED, reason, values))
        covered.append(range(submission.said.first_seq, submission.said.first_seq + submission.said.count))
        by_hub += len(_within(covered[-1], numbers)) if accounts[signer].hub_held else 0
    if bare := _outside(covered, numbers):
        reason = N_("Records %(gaps)s of member %(member)s are under no signature of that member")
        findings.append(Check("V6", Outcome.NOT_SIGNED, reason, {"member": member, "gaps": _ranges(bare)}))
    if not findings:
        reason = N_("Member %(member)s signed all %(count)s records")
        findings.append(Check("V6", Outcome.VALID, reason, {"member": member, "count": len(numbers)}))
    return [*findings, _whose_key(member, by_hub)]


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


def lot(record: Record, registered: RegisteredLot | None) -> Check | None:
    """V11: the lot that a record commissions stands in the register, by the member that commissioned it."""
    event = record.event
    if event is None or not lots.begins_lot(event):
        return None
    values = {"member": record.member, "seq": record.seq}
    if lots.begun(event, record.commitment) is None:
        reason = N_("Nobody can read which lot record %(seq)s of member %(member)s begins")
        return Check("V11", Outcome.DISPUTED, reason, values)
    if registered is None:
        return Check("V11", Outcome.PENDING, N_("The lot of record %(seq)s is not in the register yet"), values)
    if registered.producer != record.member or registered.commitment != record.commitment:
        reason = N_("The lot of record %(seq)s of member %(member)s was registered by another, or for another record")
        return Check("V11", Outcome.NOT_SIGNED, reason, values)
    return Check("V11", Outcome.VALID, N_("The lot of record %(seq)s was registered by its producer"), values)


@dataclass(frozen=True)
class Notice:
    """What the hub shows of a recall, or of its withdrawal (class 0).

    By whom it is, its number, what it says, and whether it is open.
    """

    issuer: int
    nonce: int
    told: Mapping[str, Any]
    salt: bytes
    open: bool

    @property
    def level(self) -> int:
        """Its class: 1 is the gravest."""
        level = self.told.get("class")
        return level if isinstance(level, int) else -1

    @property
    def commitment(self) -> bytes:
        """What the chain holds of it; empty where nothing can be committed to."""
        try:
            return streams.commitment(jcs.canonical(dict(self.told)), self.salt)
        except (HubError, ValueError):
            return b""


@dataclass(frozen=True)
class LotRecalls:
    """Of one lot: what the chain says of its recalls, what the hub shows of them, and who made or has held it."""

    link: str
    said: Sequence[RecallSaid]
    notices: Sequence[Notice]
    holders: frozenset[int]
    authority: standing.Authority

    def may(self, issuer: int) -> bool:
        """Whether an issuer may call this lot back: the register lets any retailer, the records say which held it."""
        return issuer in self.holders or self.authority(issuer)

    def notice(self, recall: RecallSaid) -> Notice | None:
        """What the hub shows of what an issuer last said on the chain."""
        return next((n for n in self.notices if (n.issuer, n.nonce) == (recall.issuer, recall.nonce)), None)

    @property
    def standing(self) -> list[RecallSaid]:
        """The recalls that stand on the chain, whatever the hub shows."""
        return [
            recall
            for recall in self.said
            if recall.level and (self.may(recall.issuer) or self.notice(recall) is not None)
        ]


def holders(
    link: str, registered: RegisteredLot | None, records: Sequence[Told], parties: standing.Parties
) -> frozenset[int]:
    """Who registered a lot, and who has received some of it by what the records say."""
    producers = {registered.producer} if registered else set()
    naming = [record for record in records if standing.names(record, link)]
    return frozenset(producers | standing.judge(link, producers, naming, parties).since.keys())


def recalls(of: LotRecalls) -> list[Check]:
    """V11: what the hub shows of a lot's recalls is what their issuers said on the chain."""
    findings = [_recall(of, recall) for recall in of.said]
    newest = {recall.issuer: recall.nonce for recall in of.said}
    for notice in of.notices:
        if notice.open and notice.nonce > newest.get(notice.issuer, 0):
            reason = N_("The recall of lot %(lot)s by member %(member)s is not on the chain yet")
            findings.append(Check("V11", Outcome.PENDING, reason, _named(of, notice.issuer)))
    return findings


def _recall(of: LotRecalls, recall: RecallSaid) -> Check:
    shown, values = of.notice(recall), _named(of, recall.issuer)
    later = [n for n in of.notices if n.issuer == recall.issuer and n.nonce > recall.nonce and n.level == 0]
    if shown is None and not of.may(recall.issuer):
        reason = N_("Member %(member)s called lot %(lot)s back; nothing shows that it made the lot or has held it")
        return Check("V11", Outcome.NO_WORD, reason, values)
    if recall.level == 0:
        if any(n.issuer == recall.issuer and n.open and n.nonce < recall.nonce for n in of.notices):
            reason = N_("The recall of lot %(lot)s by member %(member)s is shown, and was taken back on the chain")
            return Check("V11", Outcome.DISPUTED, reason, values)
        return Check("V11", Outcome.VALID, N_("Member %(member)s took back its recall of lot %(lot)s"), values)
    if shown is None:
        reason = N_("Member %(member)s called lot %(lot)s back on the chain, and its notice was taken away here")
        return Check("V11", Outcome.MISSING, reason, values)
    if shown.level != recall.level or shown.commitment != recall.notice:
        reason = N_("The recall of lot %(lot)s by member %(member)s is shown otherwise than it stands on the chain")
        return Check("V11", Outcome.ALTERED, reason, values)
    if shown.open:
        reason = N_("The recall of lot %(lot)s by member %(member)s stands on the chain as it is shown")
        return Check("V11", Outcome.VALID, reason, values)
    if later:
        reason = N_("That member %(member)s took back its recall of lot %(lot)s is not on the chain yet")
        return Check("V11", Outcome.PENDING, reason, values)
    reason = N_("The recall of lot %(lot)s by member %(member)s is shown as closed, and stands on the chain")
    return Check("V11", Outcome.ALTERED, reason, values)


def _named(of: LotRecalls, issuer: int) -> dict[str, Any]:
    return {"member": issuer, "lot": of.link.rpartition("/")[2]}


LONGEST_WAY = 7 * 24 * 3600
"""Seconds that goods may be on their way before a hand-over with one side only is called that."""


def handovers(
    records: Sequence[tuple[Record, bytes]], at: int, lot: str = "", glns: Mapping[int, str] | None = None
) -> list[Check]:
    """V11: each receiving record names the sender's leaf, and both sides tell the same of the goods.

    ``records`` come with their leaves; ``at`` is the time of the block they are judged at, in Unix seconds. With
    a lot's link, only what both say of that lot is compared; with the members' own numbers (``glns``), a receipt
    counts from those alone to whom the goods were sent. A sending is compared with all that names it, since a
    delivery may be received in parts.
    """
    return _handovers(sayings(records), at, lot, glns)


def sayings(records: Sequence[tuple[Record, bytes]]) -> list[Told]:
    """The records that can be read, named where one of them declares an error."""
    open_ = [(record, saying) for record, leaf in records if (saying := told_by(record, leaf)) is not None]
    declaring = {saying.member for _, saying in open_ if saying.declares_error}
    for place, (record, saying) in enumerate(open_):
        if saying.member in declaring and not saying.event_id:
            saying.event_id = hashed(record) or f"#{place}"
    return [saying for _, saying in open_]


def told_by(record: Record, leaf: bytes) -> Told | None:
    """What one record says, under its own eventID or none; None where it cannot be read."""
    event = record.event
    if event is None:
        return None
    return Told(record.member, record.seq, event, leaf, reading.text(event, "eventID"))


def hashed(record: Record) -> str:
    """The eventID that follows from what a record says: dear, and asked for only where errors are declared."""
    return reading.event_id(record.payload or b"")


def spoken(
    records: Sequence[Told],
    at: int,
    producers: Mapping[str, Collection[int]],
    parties: standing.Parties,
    mentions: Iterable[standing.Mention] = (),
) -> list[Check]:
    """V11 of everybody's records together: what is no word of a lot is said to be that, and judged no further.

    Of records that move nothing their ``mentions`` are enough; one of them may be among ``records`` as well.
    """
    strangers, strange = standing.strangers(records, producers, parties, mentions)
    named = [(record.member, record.seq, link) for record, links in strangers.items() for link in links]
    known = set(named)
    mentioned = [(mention.member, mention.seq, mention.link) for mention in strange]
    named += [each for each in mentioned if each not in known]
    reason = N_(
        "Record %(seq)s of member %(member)s is no word of lot %(lot)s:"
        " nothing shows that its writer made it, held it or was asked"
    )
    findings = [
        Check("V11", Outcome.NO_WORD, reason, {"member": member, "seq": seq, "lot": link.rpartition("/")[2]})
        for member, seq, link in named
    ]
    mute = {record for record in strangers if not _has_other_lots(record, strangers[record])}
    return findings + _handovers([record for record in records if record not in mute], at, "", parties.glns)


def _has_other_lots(record: Told, links: Sequence[str]) -> bool:
    """Whether a record speaks of other lots than those of which it is no word."""
    return any("/10/" in link and link not in links for _, link in record.objects)


def _handovers(records: Sequence[Told], at: int, lot: str, glns: Mapping[int, str] | None) -> list[Check]:
    sayings = standing.Sayings(records)
    findings: list[Check] = []
    pairs: dict[tuple[Told, ...], list[Told]] = {}
    for record in sayings.standing:
        if record.handover_of is None:
            continue
        senders = sayings.sent(record)
        values = {"member": record.member, "seq": record.seq}
        if not record.handover_of:
            reason = N_("What record %(seq)s of member %(member)s received is the hash of no record")
            findings.append(Check("V11", Outcome.DISPUTED, reason, values))
        elif senders is None:
            reason = N_("The sender's side of record %(seq)s is not for this reader")
            findings.append(Check("V11", Outcome.WITHHELD, reason, values))
        elif glns is not None and not _sent_to(record, [sayings.named(record), *senders], glns):
            reason = N_("What record %(seq)s of member %(member)s received was not sent to that member")
            findings.append(Check("V11", Outcome.NO_WORD, reason, values))
        elif not senders:
            reason = N_("What record %(seq)s received was declared an error by its sender")
            findings.append(Check("V11", Outcome.DISPUTED, reason, values))
        else:
            pairs.setdefault(senders, []).append(record)
    for senders, received in pairs.items():
        findings.append(_handover(received, goods.difference(senders, received, lot)))
    answered = {sending for senders in pairs for sending in senders}
    return findings + [
        _on_its_way(record, at) for record in sayings.standing if record.step == "shipping" and record not in answered
    ]


def _sent_to(receipt: Told, sendings: Iterable[Told | None], glns: Mapping[int, str]) -> bool:
    return any(sent is not None and standing.received_by(sent, receipt, glns) for sent in sendings)


def _handover(received: Sequence[Told], difference: str) -> Check:
    seqs = [receipt.seq for receipt in received]
    values = {"member": received[0].member, "seq": seqs[0] if len(seqs) == 1 else _ranges(seqs)}
    if not difference:
        reason = N_("The hand-over in record %(seq)s is told alike by both sides")
        return Check("V11", Outcome.VALID, reason, values)
    reason = N_("The hand-over in record %(seq)s is told differently by the two sides: %(difference)s")
    return Check("V11", Outcome.DISPUTED, reason, values | {"difference": difference})


def _on_its_way(sent: Told, at: int) -> Check:
    values = {"member": sent.member, "seq": sent.seq}
    if sent.moment is not None and at - sent.moment.timestamp() <= LONGEST_WAY:
        reason = N_("What record %(seq)s of member %(member)s sent is on its way")
        return Check("V11", Outcome.VALID, reason, values)
    reason = N_("What record %(seq)s of member %(member)s sent was never received")
    return Check("V11", Outcome.DISPUTED, reason, values)


def _ranges(numbers: Sequence[int]) -> str:
    """``3, 7–9``."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][1] + 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    shown = [str(first) if first == last else f"{first}–{last}" for first, last in parts]
    return ", ".join(shown[:20]) + (" …" if len(shown) > 20 else "")
