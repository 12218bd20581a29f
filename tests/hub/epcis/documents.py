"""What is sent and read over EPCIS's addresses, and by whom."""

import json
from typing import Any

from fastapi.testclient import TestClient
from httpx2 import Response
from sqlmodel import func, select

from hub import access, db
from hub.access import Permission
from hub.app import create_app
from hub.gs1 import epcis
from hub.models.party import Organization
from hub.models.trace import Event

LD = {"content-type": "application/ld+json"}


def machine(org: Organization, *scopes: Permission) -> TestClient:
    with db.session(db.Who(org.id)) as session:
        key = access.make_api_key(session, org.id, "test", scopes or [Permission.CAPTURE_EVENTS])
    return TestClient(create_app(), headers={"authorization": f"Bearer {key}"}, follow_redirects=False)


def document(**event: object) -> bytes:
    told = {
        "type": "ObjectEvent",
        "eventTime": "2026-11-24T06:40:00+08:00",
        "eventTimeZoneOffset": "+08:00",
        "action": "OBSERVE",
        "bizStep": "storing",
        "epcList": ["urn:epc:id:sgtin:0614141.107346.2017"],
    }
    whole = {
        "@context": epcis.CONTEXT[:1],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-11-24T09:00:00Z",
        "epcisBody": {"eventList": [told | event]},
    }
    return json.dumps(whole).encode()


def stored() -> int:
    with db.hub_session() as session:
        return session.exec(select(func.count()).select_from(Event)).one()


def event_in(answer: Response) -> dict[str, Any]:
    """The only event of an answer, under all the contexts that it stands under."""
    told = answer.json()
    [event] = told["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    return event | {"@context": [*told["@context"], *event.get("@context", [])]}
