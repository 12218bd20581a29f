"""EPCIS queries over HTTP, rule by rule: E7 to E9; what each parameter means is held in tests/hub/gs1/test_query.py."""

import json

import pytest
from sqlalchemy import text

from hub import db
from hub.gs1 import query
from hub.trace.asking import queries
from tests.hub.epcis.documents import LD, document

PIECE = "urn:epc:id:sgtin:0614141.107346."


@pytest.fixture
def thirty(client):
    """Thirty events: every other one damaged, every third a minute earlier than it came, piece by piece."""
    whole = json.loads(document())
    [one] = whole["epcisBody"]["eventList"]
    whole["epcisBody"]["eventList"] = [
        one
        | {
            "eventID": f"urn:uuid:{number:02}",
            "eventTime": f"2026-11-24T06:{(number if number % 3 else number - 1) + 10:02}:00+08:00",
            "epcList": [f"{PIECE}{number}"],
            "disposition": "damaged" if number % 2 else "in_progress",
        }
        for number in range(30)
    ]
    assert client.post("/epcis/capture", content=json.dumps(whole), headers=LD).status_code == 202
    return client


def pages(client, **parameters):
    """The numbers of the events on each page, as long as another page follows."""
    path, found = "/epcis/events", []
    while path:
        answer = client.get(path, params=parameters or None)
        assert answer.status_code == 200, answer.text
        events = answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
        found.append([int(event["eventID"].rpartition(":")[2]) for event in events])
        path, parameters = answer.headers.get("link", "").removeprefix("<").partition(">")[0], {}
    return found


def all_of(client, **parameters):
    return [number for found in pages(client, **parameters) for number in found]


def refused(client, **parameters):
    answer = client.get("/epcis/events", params=parameters)
    return answer.status_code, answer.json()["type"].partition(":")[2], answer.json().get("parameter")


def test_e7_what_the_database_cannot_answer_is_asked_of_the_events_page_by_page(thirty):
    found = pages(thirty, MATCH_epc="urn:epc:idpat:sgtin:0614141.*.*", EQ_disposition="damaged", perPage=4)
    assert [number for page in found for number in page] == list(range(1, 30, 2))
    assert [len(page) for page in found] == [4, 4, 4, 3]


def test_e7_a_question_that_few_answer_leads_on_over_short_pages(thirty, monkeypatch):
    monkeypatch.setattr(queries, "_LOOKED_AT", 6)
    monkeypatch.setattr(queries, "_AT_A_TIME", 3)
    found = pages(thirty, MATCH_epc=f"urn:epc:idpat:sgtin:0614141.*.*|{PIECE}7", EQ_disposition="damaged")
    assert [number for page in found for number in page] == list(range(1, 30, 2)) and len(found) > 2


@pytest.mark.parametrize(
    ("parameters", "meant"),
    [
        ({"MATCH_epc": f"{PIECE}7|{PIECE}8"}, [7, 8]),
        ({"MATCH_anyEPC": "https://id.gs1.org/01/10614141073464"}, list(range(30))),
        ({"MATCH_parentID": f"{PIECE}7"}, []),
        ({"EQ_bizStep": "urn:epcglobal:cbv:bizstep:storing", "MATCH_epc": f"{PIECE}9"}, [9]),
        ({"eventType": "AggregationEvent"}, []),
        ({"EQ_eventID": "urn:uuid:03|urn:uuid:05", "EQ_action": "OBSERVE"}, [3, 5]),
        ({"GE_recordTime": "2026-01-01T00:00:00Z", "LT_eventTime": "2026-11-24T06:12:00+08:00"}, [0, 1]),
        ({"LT_recordTime": "2026-01-01T00:00:00Z"}, []),
    ],
)
def test_e7_parameters_meet(thirty, parameters, meant):
    assert all_of(thirty, **parameters) == meant


def test_e8_events_are_ordered_by_their_own_time_or_by_when_they_came(thirty):
    def at(number):
        return (number if number % 3 else number - 1, number)

    by_time = sorted(range(30), key=at)
    assert all_of(thirty, orderBy="eventTime", orderDirection="ASC", perPage=7) == by_time
    assert all_of(thirty, orderBy="eventTime", perPage=7) == by_time[::-1]
    assert all_of(thirty, orderBy="recordTime", perPage=7) == list(range(29, -1, -1))
    assert all_of(thirty, orderBy="recordTime", orderDirection="ASC") == list(range(30))


def test_e8_a_limit_of_events_counts_over_all_pages(thirty):
    found = pages(thirty, orderBy="recordTime", eventCountLimit=10, perPage=4, EQ_disposition="damaged")
    assert found == [[29, 27, 25, 23], [21, 19, 17, 15], [13, 11]]


def test_e8_more_events_than_allowed_are_refused_and_never_cut(thirty):
    assert len(all_of(thirty, maxEventCount=30)) == 30
    assert len(all_of(thirty, maxEventCount=15, EQ_disposition="damaged", perPage=4)) == 15
    assert refused(thirty, maxEventCount=29)[:2] == (413, "QueryTooLargeException")
    assert refused(thirty, maxEventCount=14, EQ_disposition="damaged")[:2] == (413, "QueryTooLargeException")


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"eventCountLimit": 5}, "eventCountLimit"),
        ({"eventCountLimit": 5, "maxEventCount": 5, "orderBy": "eventTime"}, "maxEventCount"),
        ({"orderBy": "colour"}, "orderBy"),
        ({"orderBy": "eventTime", "orderDirection": "UP"}, "orderDirection"),
        ({"maxEventCount": 0}, "maxEventCount"),
        ({"EQ_quantity": "many"}, "EQ_quantity"),
        ({"HASATTR_ex:colour": ""}, "HASATTR_ex:colour"),
    ],
)
def test_e8_what_cannot_be_asked_together_or_read_is_named(client, parameters, named):
    assert refused(client, **parameters) == (400, "QueryParameterException", named)


def test_e9_a_page_token_of_another_order_is_not_taken(thirty):
    link = thirty.get("/epcis/events", params={"perPage": 5}).headers["link"]
    token = link.partition("nextPageToken=")[2].partition("&")[0].partition(">")[0]
    assert refused(thirty, nextPageToken=token, orderBy="eventTime")[2] == "nextPageToken"
    assert {"orderBy", "nextPageToken"} <= query.CONTROLS


def test_what_lies_below_a_link_is_found_by_an_index_though_row_security_stands_before_it(farm):
    """`like` may leak what it is asked, so PostgreSQL keeps it away from indexes: a range by bytes is asked instead."""
    statement = queries.naming(["https://id.gs1.org/01/06901234000016/10/L"], ("epc", "input"))
    with db.session(db.Who(farm.id)) as session:
        session.execute(text("set local enable_seqscan = off"))
        compiled = statement.compile(session.connection(), compile_kwargs={"literal_binds": True})
        plan = "\n".join(session.scalars(text("explain " + str(compiled).replace(":", "\\:"))))
    assert "prefix_event_key_link" in plan and "~>=~" in plan and "Seq Scan on event_key" not in plan
