"""V11 of hand-overs: both sides tell them alike, and those who speak of a lot may."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from hub.errors import N_
from hub.gs1 import reading
from hub.ledger.checks.evidence import Record
from hub.ledger.checks.findings import Check, Outcome, ranges
from hub.ledger.custody import goods, standing
from hub.ledger.custody.standing import Glns, Told

LONGEST_WAY = 7 * 24 * 3600
"""Seconds that goods may be on their way before a hand-over with one side only is called that."""


def judge(records: Sequence[tuple[Record, bytes]], at: int, lot: str = "", glns: Glns | None = None) -> list[Check]:
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


def _handovers(records: Sequence[Told], at: int, lot: str, glns: Glns | None) -> list[Check]:
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


def _sent_to(receipt: Told, sendings: Iterable[Told | None], glns: Glns) -> bool:
    return any(sent is not None and standing.received_by(sent, receipt, glns) for sent in sendings)


def _handover(received: Sequence[Told], difference: str) -> Check:
    seqs = [receipt.seq for receipt in received]
    values = {"member": received[0].member, "seq": seqs[0] if len(seqs) == 1 else ranges(seqs)}
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
