"""Who may speak of a lot. Pure.

Its producer, who registered it; whoever received it, since possession moves with hand-overs that both sides told;
laboratories, certifiers and carriers whom the producer asked to, for as long as it did; an authority. What anybody
else writes about a lot is no word of it: no evidence, and no finding against its producer. What a record says is
taken back by its own author alone.
"""

from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from hub.gs1 import reading

MAY_SAY = {
    "laboratory": frozenset({"sampling", "inspecting"}),
    "certifier": frozenset({"inspecting", "accepting"}),
    "carrier": frozenset(
        """loading unloading departing arriving transporting storing holding staging_outbound
        sensor_reporting""".split()
    ),
}
"""The steps that one may tell whom the producer asked to; that goods change hands is told by those who hold them."""


class Told:
    """What a record that can be read says, as far as it is judged by; the event itself is not kept.

    ``event_id`` is that by which its author may declare it an error; ``handover_of`` the sender's leaf that a receipt
    names, empty where what it names is no hash, None for what is no receipt.
    """

    __slots__ = (
        "corrections", "day", "declares_error", "event_id", "handover_of", "leaf", "member", "moment", "objects",
        "quantities", "receivers", "seq", "step",
    )  # fmt: skip

    def __init__(self, member: int, seq: int, event: reading.Event, leaf: bytes, event_id: str) -> None:
        self.member, self.seq, self.leaf, self.event_id = member, seq, leaf, event_id
        self.step = reading.step(event)
        self.moment, self.day = reading.moment(event), reading.day(event)
        self.objects = tuple(reading.objects(event))
        self.quantities = tuple(reading.quantities(event))
        self.receivers = tuple(reading.receivers(event))
        self.declares_error = "errorDeclaration" in event
        self.corrections = tuple(reading.corrections(event))
        self.handover_of = _handover_of(event)

    @property
    def name(self) -> tuple[int, str]:
        """What an author's declaration names: nobody else's record bears this name."""
        return self.member, self.event_id

    @property
    def moves(self) -> bool:
        """Whether goods change hands by it, or something is taken back: what is judged by how records hang together."""
        return self.step == "shipping" or self.handover_of is not None or self.declares_error


def _handover_of(event: reading.Event) -> bytes | None:
    if "furrow:handoverOf" not in event:
        return None
    try:
        named = bytes.fromhex(reading.text(event, "furrow:handoverOf").removeprefix("0x"))
    except ValueError:
        return b""
    return named if len(named) == 32 else b""


class Mention(NamedTuple):
    """That a record which moves nothing speaks of something: all that is asked about it is whether its writer may."""

    link: str
    member: int
    seq: int
    step: str
    moment: datetime | None
    day: date | None


class Mentions:
    """Many of them, 56 bytes each: a member tells of its own lots again and again, and a stream has no end.

    Objects of their own would be scattered through the process's memory, which it could then not hand back.
    """

    _NONE = -(1 << 63)
    _EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
    _MICROSECOND = timedelta(microseconds=1)

    def __init__(self) -> None:
        self._rows = array("q")
        self._words: dict[str, int] = {"": 0}

    def add(self, record: Told) -> None:
        """Keep a record: a row for each class or lot that it names, one without any where it names none."""
        moment = self._NONE if record.moment is None else (record.moment - self._EPOCH) // self._MICROSECOND
        day = self._NONE if record.day is None else record.day.toordinal()
        links = {link for _, link in record.objects if "/21/" not in link} or {""}
        for link in sorted(links):
            row = (
                self._word(link),
                record.member,
                record.seq,
                self._word(record.step),
                moment,
                day,
                _short(record.leaf),
            )
            self._rows.extend(row)

    def __iter__(self) -> Iterator[Mention]:
        words, none = list(self._words), self._NONE
        for at in range(0, len(self._rows), 7):
            link, member, seq, step, moment, day, _leaf = self._rows[at : at + 7]
            if link:
                happened = None if moment == none else self._EPOCH + moment * self._MICROSECOND
                on = None if day == none else date.fromordinal(day)
                yield Mention(words[link], member, seq, words[step], happened, on)

    def written_by(self, leaves: Iterable[bytes]) -> set[int]:
        """The members among whose records here some of these leaves may be: no other has one of them."""
        short = {_short(leaf) for leaf in leaves}
        members, hashes = self._rows[1::7], self._rows[6::7]
        return {member for member, leaf in zip(members, hashes, strict=True) if leaf in short}

    def _word(self, word: str) -> int:
        return self._words.setdefault(word, len(self._words))


def _short(leaf: bytes) -> int:
    return int.from_bytes(leaf[:8], "big", signed=True)


@dataclass(frozen=True)
class Mandate:
    """A producer asked somebody to speak of its lots, or of one (a link), from a day until another."""

    producer: int
    speaker: int
    kind: str
    link: str
    since: date
    until: date | None = None

    def covers(self, link: str, step: str, day: date) -> bool:
        """Whether it lets its speaker tell this step of a lot on a day."""
        in_time = self.since <= day and (self.until is None or day <= self.until)
        return in_time and self.link in ("", link) and step in MAY_SAY.get(self.kind, ())


Glns = Mapping[int, Collection[str]]
"""The numbers under which records name each member."""

Authority = Callable[[int], bool]
"""Whether a member is an authority."""


@dataclass(frozen=True)
class Parties:
    """Who everybody is: the members' own numbers, whom producers asked to speak, and who is an authority."""

    glns: Glns
    mandates: Sequence[Mandate] = ()
    authority: Authority = lambda _member: False


@dataclass(frozen=True)
class Standing:
    """Who may speak of one lot: from when on those may who received it, and of which sendings."""

    link: str
    producers: frozenset[int]
    parties: Parties
    since: dict[int, datetime] = field(default_factory=dict)
    handed: dict[bytes, set[int]] = field(default_factory=dict)

    def hears(self, record: Told) -> bool:
        """Whether a record is a word of this lot."""
        received = record.handover_of
        if received and record.member in self.handed.get(received, ()):
            return True
        return self.allows(record.member, record.step, record.moment, record.day)

    def allows(self, member: int, step: str, moment: datetime | None, day: date | None) -> bool:
        """Whether a member may tell a step of this lot at a moment, on a day of where it was."""
        if self.held_by(member, moment) or self.parties.authority(member):
            return True
        return day is not None and any(
            mandate.speaker == member and mandate.producer in self.producers and mandate.covers(self.link, step, day)
            for mandate in self.parties.mandates
        )

    def held_by(self, member: int, moment: datetime | None) -> bool:
        """Whether a member made the lot, or has received some of it before a moment."""
        if member in self.producers:
            return True
        return member in self.since and moment is not None and self.since[member] <= moment


def judge(link: str, producers: Iterable[int], records: Sequence[Told], parties: Parties) -> Standing:
    """Who may speak of a lot, by what all say who name it.

    Possession moves when a holder ships to a party that it names, and that party's receipt names the shipment.
    """
    standing = Standing(link, frozenset(producers), parties)
    sayings = Sayings(records)
    receipts = [record for record in sayings.standing if record.handover_of and names(record, link)]
    pairs = [
        (sent, got)
        for got in receipts
        for sent in sayings.sent(got) or ()
        if sent.step == "shipping" and names(sent, link) and received_by(sent, got, parties.glns)
    ]
    moved = True
    while moved:
        moved = False
        for sent, got in pairs:
            left = sent.moment
            if left is None or not standing.held_by(sent.member, left):
                continue
            standing.handed.setdefault(got.handover_of or b"", set()).add(got.member)
            if got.member not in standing.since or left < standing.since[got.member]:
                standing.since[got.member], moved = left, True
    return standing


def received_by(sent: Told, got: Told, glns: Glns) -> bool:
    """Whether a receipt is that of somebody to whom the sending hands over."""
    return any(gln in sent.receivers for gln in glns.get(got.member, ()))


class Sayings:
    """What some records say together, once what their own authors declared an error is taken back."""

    def __init__(self, records: Sequence[Told]) -> None:
        self._declared = {record.name: record for record in records if record.declares_error}
        statements = [record for record in records if not record.declares_error]
        self.standing = [record for record in statements if record.name not in self._declared]
        self._by_name = {record.name: record for record in self.standing}
        self._by_leaf = {record.leaf: record for record in statements}

    def named(self, receipt: Told) -> Told | None:
        """The record that a receipt names, whatever became of it."""
        return self._by_leaf.get(receipt.handover_of) if receipt.handover_of else None

    def sent(self, receipt: Told) -> tuple[Told, ...] | None:
        """The sending that a receipt names, or what its author says in its place; nothing where it was taken back.

        None where the sender's record is not among these.
        """
        sent = self.named(receipt)
        if sent is None or sent.name not in self._declared:
            return None if sent is None else (sent,)
        sendings: dict[Told, None] = {}
        waiting, seen = [sent.name], set[tuple[int, str]]()
        while waiting:
            name = waiting.pop()
            if name in self._by_name:
                sendings[self._by_name[name]] = None
            elif name in self._declared and name not in seen:
                seen.add(name)
                waiting += [(name[0], other) for other in self._declared[name].corrections]
        return tuple(sendings)


def strangers(
    records: Sequence[Told],
    producers: Mapping[str, Collection[int]],
    parties: Parties,
    mentions: Iterable[Mention] = (),
) -> tuple[dict[Told, list[str]], list[Mention]]:
    """The records that name lots of proved producers, and of which of these they are no word; mentions likewise."""
    naming: dict[str, list[Told]] = {}
    for record in records:
        for link in {link for _, link in record.objects} & producers.keys():
            naming.setdefault(link, []).append(record)
    standings: dict[str, Standing] = {}
    no_word: dict[Told, list[str]] = {}
    for link, those in naming.items():
        standings[link] = of_it = judge(link, producers[link], those, parties)
        for record in those:
            if not of_it.hears(record):
                no_word.setdefault(record, []).append(link)
    strange = []
    for mention in mentions:
        link, member, _seq, step, moment, day = mention
        if link not in producers or member in producers[link]:
            continue
        if link not in standings:
            standings[link] = judge(link, producers[link], (), parties)
        if not standings[link].allows(member, step, moment, day):
            strange.append(mention)
    return no_word, strange


def names(record: Told, link: str) -> bool:
    """Whether a record names a lot, as whatever."""
    return any(other == link for _, other in record.objects)
