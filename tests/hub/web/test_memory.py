"""What freed memory costs: it goes back to the system after bulk work; nothing is done while there is little of it."""

import gc

import pytest
from anyio import sleep
from anyio.from_thread import start_blocking_portal

from hub import memory
from hub.web import memory as web_memory


def test_what_is_free_goes_back_to_the_system():
    if not memory.resident():
        pytest.skip("nobody tells how large the process is")
    gc.collect()
    before = memory.resident()
    # Pieces too small for the system to be asked for each, kept apart by some that stay.
    pieces = [bytes(2_000) for _ in range(100_000)]
    kept = pieces[::50]
    grown = memory.resident()
    assert grown - before > 150e6
    del pieces
    memory.hand_back()
    assert memory.resident() - before < (grown - before) / 2 and len(kept) == 2_000


async def nothing(scope, receive, send):
    """An app that answers nothing."""


@pytest.mark.parametrize("slack, times", [(-(2**60), 1), (2**60, 0)])
def test_an_answer_that_made_the_process_grow_is_followed_by_one_look(monkeypatch, slack, times):
    looked = []
    monkeypatch.setattr(memory, "hand_back", lambda: looked.append(1))
    monkeypatch.setattr(web_memory, "_SOON", 0.01)

    async def ask():
        app = web_memory.HandBack(nothing, slack)
        for _ in range(5):
            await app({"type": "http"}, None, None)
        await sleep(0.2)

    with start_blocking_portal() as portal:
        portal.call(ask)
    assert len(looked) == times


def test_a_task_that_made_its_worker_grow_is_followed_by_handing_back_and_others_are_not(monkeypatch):
    size, looked = [100], []

    def hand_back():
        looked.append(size[0])
        size[0] -= 30

    monkeypatch.setattr(memory, "resident", lambda: size[0])
    monkeypatch.setattr(memory, "hand_back", hand_back)
    watch = memory.Watch(slack=10)
    for grown in (0, 5, 5, 40, 0):
        size[0] += grown
        watch.settle()
    assert looked == [100, 120]
