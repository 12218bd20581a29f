"""What was meant stays what is meant: contexts, terms, corrections, odd sensors; inputs from the field."""

import json
import threading
from urllib.parse import quote

import pytest

from hub.access import Permission
from hub.demo import builder
from hub.gs1 import epcis, event_hash
from hub.models.party import OrganizationKind
from tests.hub.epcis.documents import LD, document, event_in, machine, stored

pytestmark = pytest.mark.usefixtures("keys_of_the_hub")
GS1 = epcis.CONTEXT[0]


@pytest.fixture
def client(farm):
    with machine(farm, Permission.CAPTURE_EVENTS) as made:
        yield made


def send(client, content, **headers):
    return client.post("/epcis/capture", content=content, headers=LD | headers)


def under(context, **event):
    whole = json.loads(document(**event))
    whole["@context"] = context
    return json.dumps(whole).encode()


def listed(client, query=""):
    answer = client.get(f"/epcis/events{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]


# Contexts


def test_each_event_of_a_page_is_read_under_its_own_context(client):
    for name in ("a", "b"):
        send(client, under([GS1, {"p": f"https://{name}.example/"}], eventID=f"urn:x:{name}", **{"p:x": 1}))
    send(client, under(GS1, eventID="urn:x:c"))
    answer = client.get("/epcis/events").json()
    assert answer["@context"] == [GS1]
    first, second, plain = listed(client)
    assert first["@context"] == [{"p": "https://a.example/"}]
    assert second["@context"] == [{"p": "https://b.example/"}]
    assert "@context" not in plain
    assert event_in(client.get("/epcis/events/urn:x:a"))["@context"] == [GS1, {"p": "https://a.example/"}]


def test_a_context_of_the_events_own_goes_on_after_its_documents(client):
    send(
        client,
        under(
            [GS1, {"p": "https://a.example/"}],
            eventID="urn:x:a",
            **{"@context": {"q": "https://q.example/"}, "q:x": 1},
        ),
    )
    (event,) = listed(client)
    assert event["@context"] == [{"p": "https://a.example/"}, {"q": "https://q.example/"}]
    assert event_in(client.get("/epcis/events/urn:x:a"))["@context"] == [
        GS1,
        {"p": "https://a.example/"},
        {"q": "https://q.example/"},
    ]


@pytest.mark.parametrize(
    ("context", "path"),
    [
        ([GS1, {"bizStep": "https://example.org/other#step"}], "@context[1].bizStep"),
        ([GS1, {"eventTime": "https://example.org/when"}], "@context[1].eventTime"),
        ([GS1, {"cbv": "https://example.org/cbv/"}], "@context[1].cbv"),
        ([GS1, {"@import": "https://example.org/context"}], "@context[1].@import"),
        ([{"ex": "https://example.org/ns/"}], "@context"),
        ([], "@context"),
        ({}, "@context"),
    ],
)
def test_e15_a_context_that_is_missing_or_means_something_else_by_epciss_words_is_refused(client, context, path):
    answer = send(client, under(context))
    assert answer.status_code == 400 and answer.json()["errors"][0]["path"] == path
    assert stored() == 0


def test_a_prefix_declared_as_it_is_already_is_taken(client):
    assert send(client, under([GS1, {"cbv": "https://ref.gs1.org/cbv/"}])).status_code == 202


@pytest.mark.parametrize(
    "event",
    [
        {"epcList": []},
        {"type": "TransactionEvent", "epcList": [], "bizTransactionList": [{"bizTransaction": "urn:x:1"}]},
    ],
)
def test_an_event_about_nothing_is_refused(client, event):
    answer = send(client, document(**event))
    assert answer.status_code == 400 and answer.json()["code"] == "epcis-validation"


# Terms


@pytest.mark.parametrize(
    "step",
    [
        "receiving", "cbv:BizStep-receiving", "urn:epcglobal:cbv:bizstep:receiving", "https://ref.gs1.org/cbv/BizStep-receiving",
        "https://ns.gs1.org/cbv/BizStep-receiving",
    ],
)  # fmt: skip
def test_c1_a_term_in_any_form_is_the_same_term_and_the_same_event(client, step):
    bare, same = (epcis.read(json.loads(document(bizStep=one)))[0] for one in ("receiving", step))
    assert event_hash.event_id(bare) == event_hash.event_id(same)
    assert send(client, document(bizStep=step)).status_code == 202
    (found,) = listed(client, f"?EQ_bizStep={quote(step, safe='')}")
    assert found["bizStep"] == step
    assert len(listed(client, "?EQ_bizStep=receiving")) == 1


@pytest.mark.parametrize(
    "event",
    [
        {"disposition": "urn:epcglobal:cbv:disp:in_transit"},
        {
            "sourceList": [
                {
                    "type": "https://ref.gs1.org/cbv/SDT-owning_party",
                    "source": "urn:epc:id:pgln:6901234.00001",
                }
            ]
        },
        {"bizTransactionList": [{"type": "urn:epcglobal:cbv:btt:po", "bizTransaction": "urn:x:1"}]},
    ],
)
def test_c1_the_other_vocabularies_are_read_in_any_form_too(client, event):
    assert send(client, document(**event)).status_code == 202


@pytest.mark.parametrize(
    "step", ["urn:epcglobal:cbv:bizstep:flying", "https://ref.gs1.org/cbv/BizStep-flying", "cbv:Disp-active"]
)
def test_e13_what_looks_like_a_term_and_is_none_is_refused(client, step):
    answer = send(client, document(bizStep=step))
    assert answer.status_code == 400 and "no term of the Core Business Vocabulary" in answer.json()["detail"]


# Corrections


def correction(number, **more):
    told = {"declarationTime": f"2026-11-24T1{number}:00:00Z", "reason": "incorrect_data"}
    return document(eventID="urn:x:1", errorDeclaration=told, **more)


def test_e14_an_original_is_read_with_all_its_declarations(client):
    assert send(client, document(eventID="urn:x:1")).status_code == 202
    assert event_in(client.get("/epcis/events/urn:x:1"))["type"] == "ObjectEvent"
    for number in (0, 1, 1):
        assert send(client, correction(number)).status_code == 202
    answer = client.get("/epcis/events/urn:x:1").json()
    events = answer["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    assert [("errorDeclaration" in one) for one in events] == [False, True, True]
    assert len(listed(client, "?EQ_eventID=urn:x:1")) == 3


def test_an_event_id_is_a_partys_own(client, farm):
    rival, third = (builder.member(builder.party(OrganizationKind.SUPPLIER, name)) for name in ("Rival", "Third"))
    for other in (farm, third):
        builder.relation(rival, other)
    send(client, document(eventID="urn:x:1"))
    given = {"type": "possessing_party", "destination": f"https://id.gs1.org/417/{farm.gln}"}
    to_both = [given, {"type": "possessing_party", "destination": f"https://id.gs1.org/417/{third.gln}"}]
    with machine(rival) as other:
        send(other, document(eventID="urn:x:1", bizStep="holding", destinationList=to_both))
        send(other, correction(1, bizStep="holding", destinationList=to_both))
    assert event_in(client.get("/epcis/events/urn:x:1"))["bizStep"] == "storing"
    theirs = client.get(f"/epcis/events/urn:x:1?party={rival.gln}").json()
    assert len(theirs["epcisBody"]["queryResults"]["resultsBody"]["eventList"]) == 2
    assert client.get("/epcis/events/urn:x:1?party=6901234000016").status_code == 404
    assert client.get("/epcis/events/urn:x:1?colour=red").status_code == 400
    with machine(third) as reader:
        assert (
            len(reader.get("/epcis/events/urn:x:1").json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"])
            == 2
        )


def test_where_several_parties_have_an_event_id_the_asker_says_whose(client, farm):
    reader = builder.party(OrganizationKind.RETAILER, "Reader")
    writers = [builder.member(builder.party(OrganizationKind.SUPPLIER, name)) for name in ("One", "Other")]
    to_reader = [{"type": "possessing_party", "destination": f"https://id.gs1.org/417/{reader.gln}"}]
    for org in writers:
        builder.relation(reader, org)
        with machine(org) as one:
            send(
                one,
                document(
                    eventID="urn:x:1",
                    destinationList=to_reader,
                    **{"readPoint": {"id": f"urn:x:{org.name_en}"}},
                ),
            )
    with machine(reader) as asking:
        answer = asking.get("/epcis/events/urn:x:1")
        assert answer.status_code == 409 and answer.json()["parties"] == sorted(org.gln for org in writers)
        found = event_in(asking.get(f"/epcis/events/urn:x:1?party={writers[1].gln}"))
        assert found["readPoint"]["id"] == "urn:x:Other"


def test_e14_of_many_declarations_at_once_each_is_kept_once(client):
    send(client, document(eventID="urn:x:1"))
    said = []
    crowd = [
        threading.Thread(target=lambda n=n: said.append(send(client, correction(n % 3)).status_code)) for n in range(12)
    ]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert said == [202] * 12 and stored() == 4


# Odd, and taken


def read(metadata, **report):
    return [
        {"sensorMetadata": metadata, "sensorReport": [{"type": "Temperature", "value": 4.1, "uom": "CEL"} | report]}
    ]


def test_e13_a_reading_after_the_event_and_rules_said_twice_are_warned_of_and_taken(client):
    rules = {"bizRules": "https://example.com/rules"}
    answer = send(client, document(sensorElementList=read({"time": "2026-11-24T06:41:00+08:00", **rules}, **rules)))
    job = client.get(answer.headers["location"]).json()
    assert answer.status_code == 202 and job["success"] and not job["errors"]
    assert [one["path"] for one in job["warnings"]] == ["epcisBody.eventList[0]"] * 2
    assert "measured after" in job["warnings"][0]["message"] and "again in a report" in job["warnings"][1]["message"]


@pytest.mark.parametrize("name", epcis.SAID_ONCE)
def test_e13_what_metadata_say_of_all_reports_no_report_says_again(client, name):
    said = {name: "2026-11-24T06:39:00+08:00" if name == "time" else "https://example.com/1"}
    [refused] = send(client, document(sensorElementList=read(said, **said))).json()["errors"]
    assert refused["message"] == f"sensorElementList[0] says {name} in its metadata and again in a report"
    for once in (read(said), read({}, **said)):
        assert send(client, document(sensorElementList=once)).status_code == 202


def test_e14_what_was_taken_before_it_was_refused_can_be_declared_wrong():
    said = {"deviceID": "urn:x:1"}
    told = json.loads(document(sensorElementList=read(said, **said)))
    [submitted] = epcis.read(told)
    assert len(epcis.validate(submitted)) == 1
    submitted.event["errorDeclaration"] = {"declarationTime": "2026-11-25T00:00:00Z"}
    assert epcis.validate(submitted) == []


def test_what_of_a_header_is_not_kept_is_said_so(client):
    whole = json.loads(document()) | {"epcisHeader": {"epcisMasterData": {"vocabularyList": []}, "ex:note": "x"}}
    answer = send(client, json.dumps(whole).encode())
    assert answer.status_code == 202
    assert [warning["path"] for warning in answer.json()["warnings"]] == ["epcisHeader.ex:note"]


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ({"furrow:test": "passed"}, "furrow:test"),
        ({"furrow:test": {"furrow:laboratory": "x"}}, "furrow:test.furrow:report"),
        ({"furrow:protection": "x"}, "furrow:protection"),
        (
            {
                "furrow:protection": {
                    "furrow:product": "x",
                    "furrow:substance": "y",
                    "furrow:intervalDays": -1,
                }
            },
            "furrow:protection.furrow:intervalDays",
        ),
        ({"furrow:handoverOf": "xyz"}, "furrow:handoverOf"),
        ({"furrow:inputLots": ["0x12"]}, "furrow:inputLots[0]"),
    ],
)
def test_our_own_words_are_checked_where_they_come_in(client, field, path):
    answer = send(client, under([GS1, epcis.FURROW], **field))
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["path"] == f"epcisBody.eventList[0].{path}"


def test_the_same_letters_of_somebody_elses_namespace_are_none_of_ours(client):
    assert (
        send(client, under([GS1, {"furrow": "https://example.org/plough/"}], **{"furrow:test": "deep"})).status_code
        == 202
    )


# Questions


@pytest.mark.parametrize("name", ["GE_eventTime", "LT_eventTime"])
@pytest.mark.parametrize(
    "value",
    [
        "2026-11-20T08:00:00.Z", "0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-12:00", "2026-11-20T08:00:00",
        "2026-11-20", "2026-W47", "2026-11-20T08:00:00+08:00", "%00", "-5", "9" * 5000,
    ],
)  # fmt: skip
def test_a_time_that_cannot_be_read_is_named(client, name, value):
    answer = client.get(f"/epcis/events?{name}={value}")
    assert answer.status_code == 400 and answer.json()["parameter"] == name


def test_a_plus_that_became_a_blank_is_explained(client):
    assert "%2B" in client.get("/epcis/events?GE_eventTime=2026-11-20T08:00:00+08:00").json()["detail"]


def test_a_parameter_given_twice_is_refused(client):
    answer = client.get("/epcis/events?EQ_bizStep=storing&EQ_bizStep=shipping")
    assert answer.status_code == 400 and answer.json()["parameter"] == "EQ_bizStep"


def warned(client, *events):
    """What the job of a document with these events says is odd, without the places."""
    whole = json.loads(document())
    [one] = whole["epcisBody"]["eventList"]
    whole["epcisBody"]["eventList"] = [one | event for event in events]
    answer = send(client, json.dumps(whole).encode())
    assert answer.status_code == 202, answer.text
    return [one["message"] for one in answer.json()["warnings"]]


PIECE = "https://id.gs1.org/01/10614141073464/21/77"
MADE = {"action": "ADD", "bizStep": "commissioning", "epcList": [PIECE]}
SENT = {"bizStep": "shipping", "epcList": [PIECE]}


def test_e13_a_serial_number_that_is_added_twice_is_warned_of(client):
    assert warned(client, MADE | {"eventID": "urn:uuid:1"}) == []
    again = f"{PIECE} is added again: it was there already"
    assert warned(client, MADE | {"eventID": "urn:uuid:2"}) == [again]
    other = MADE | {"epcList": [f"{PIECE}8"]}
    assert warned(client, other | {"eventID": "urn:uuid:3"}, other | {"eventID": "urn:uuid:4"}) == [
        f"{PIECE}8 is added again: it was there already"
    ]
    assert warned(client, MADE | {"eventID": "urn:uuid:1"}) == []  # a repetition says nothing new


def test_e13_what_is_shipped_before_it_was_commissioned_is_warned_of(client):
    assert warned(client, SENT) == []  # whoever commissioned it may be somebody else
    assert warned(client, MADE | {"eventTime": "2026-11-24T07:00:00+08:00"}) == []
    assert warned(client, SENT | {"eventID": "urn:uuid:5"}) == [f"{PIECE} was shipped before it was commissioned"]
    assert warned(client, SENT | {"eventTime": "2026-11-24T08:00:00+08:00"}) == []


def test_e14_a_declaration_about_an_event_that_is_not_known_is_warned_of(client):
    wrong = {"declarationTime": "2026-11-24T09:00:00+08:00", "reason": "did_not_occur"}
    known, unknown = ({"eventID": name, "errorDeclaration": wrong} for name in ("urn:uuid:6", "urn:uuid:7"))
    assert warned(client, {"eventID": "urn:uuid:6"}) == []
    assert warned(client, known) == []
    assert warned(client, unknown) == ["it declares an error of urn:uuid:7, which is not known here"]
    both = {"eventID": "urn:uuid:8"}
    assert warned(client, both, both | {"errorDeclaration": wrong}) == []
