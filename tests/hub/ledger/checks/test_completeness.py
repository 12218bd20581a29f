"""V4: a number that is not here is named, however many of the others stand there."""

from hypothesis import given
from hypothesis import strategies as st

from chain_node.facts import Head
from hub.ledger.checks.completeness import Links, Numbers, taken_away
from hub.ledger.checks.evidence import Record
from hub.ledger.checks.findings import Outcome


@given(st.lists(st.integers(1, 12)), st.integers(0, 12))
def test_missing_is_what_the_chain_counts_and_nobody_brought(brought, count):
    links = Links(Head(count, bytes(32)), bytes(32), 1)
    for seq in sorted(brought):
        links.take(Record(1, seq, bytes(32)))
    newest = max(brought, default=0)
    asked = Numbers(newest, [seq for seq in range(1, newest) if seq not in brought])
    expected = [seq for seq in range(1, count + 1) if seq not in brought]
    assert links.numbers.missing(count) == asked.missing(count) == expected


def test_what_is_missing_is_named():
    found = taken_away(Numbers(5, (2,)), 1, 7)
    assert found is not None and found.outcome is Outcome.MISSING
    assert str(found) == "V4 missing: Member 1: records 2, 6–7 of 7 were taken away"
    assert taken_away(Numbers(9, (8,)), 1, 7) is None


def test_as_many_are_here_as_have_their_record():
    assert len(Numbers(9, (2, 8))) == 7
