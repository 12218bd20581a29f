"""Questions that many ask at once are asked together."""

import asyncio
import threading

import pytest

from hub.web.security import Gate
from hub.web.sharing import Shared
from tests import event_loop


def asked_at_once(shared, things, before=None):
    async def ask():
        gate = Gate(seats=1)
        first = [asyncio.create_task(shared.answer(thing, gate)) for thing in things]
        if before:
            await before()
        return await asyncio.gather(*first, return_exceptions=True)

    return event_loop.run(ask())


def test_what_is_asked_at_once_is_one_question_and_each_hears_its_own_answer():
    questions = []

    def ask(things):
        questions.append(list(things))
        return [thing * 10 for thing in things]

    assert asked_at_once(Shared(ask, 50), [1, 2, 1, 3]) == [10, 20, 10, 30]
    assert questions == [[1, 2, 3]]


def test_a_question_holds_no_more_than_it_may():
    questions = []

    def ask(things):
        questions.append(len(things))
        return list(things)

    assert asked_at_once(Shared(ask, 2), [1, 2, 3, 4, 5]) == [1, 2, 3, 4, 5]
    assert questions == [2, 2, 1]


def test_who_comes_while_a_question_is_on_its_way_is_told_what_holds_after_it_came():
    truth, begun, go = {"is": "old"}, threading.Event(), threading.Event()

    def ask(things):
        told = truth["is"]
        begun.set()
        assert go.wait(10)
        return [told for _ in things]

    async def ask_twice():
        shared, gate = Shared(ask, 50), Gate(seats=1)
        early = asyncio.create_task(shared.answer("key", gate))
        await asyncio.to_thread(begun.wait, 10)
        truth["is"] = "new"
        late = asyncio.create_task(shared.answer("key", gate))
        await asyncio.sleep(0)
        go.set()
        return await early, await late

    assert event_loop.run(ask_twice()) == ("old", "new")


def test_where_asking_fails_all_who_wait_hear_of_it_and_the_next_is_asked_again():
    failing = [True]

    def ask(things):
        if failing.pop() if failing else False:
            raise ConnectionError("gone")
        return list(things)

    shared = Shared(ask, 50)
    told = asked_at_once(shared, [1, 2])
    assert [type(answer) for answer in told] == [ConnectionError, ConnectionError]
    with pytest.raises(ConnectionError):
        raise told[0]
    assert asked_at_once(shared, [1]) == [1]
