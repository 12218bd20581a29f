"""Tests wait with patience, and say what they waited for."""

import pytest

from tests.waiting import wait_for


def test_what_comes_late_is_handed_over():
    coming = iter([0, ValueError("odd"), 3])

    def come() -> int:
        here = next(coming)
        if isinstance(here, Exception):
            raise here
        return here

    assert wait_for("a three", come, despite=(ValueError,)) == 3


def test_who_gives_up_says_what_was_waited_for_and_what_was_last_heard():
    with pytest.raises(AssertionError, match=r"^a block did not come to be in 0 s\. the log$"):
        wait_for("a block", lambda: None, 0, told=lambda: "the log")
    with pytest.raises(AssertionError, match="ZeroDivisionError: division by zero"):
        wait_for("a block", lambda: 1 / 0, 0, despite=(ZeroDivisionError,))


def test_what_must_not_happen_meanwhile_ends_the_waiting():
    with pytest.raises(KeyError):
        wait_for("a block", lambda: {}["gone"])
