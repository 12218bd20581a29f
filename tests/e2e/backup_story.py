"""What a test of backups does inside an installation: ``found`` a farm, and ``judge`` what is there.

``python -m tests.e2e.backup_story found|judge ORGANIZATION`` in the environment of an installation.
"""

import json
import re
import sys
from uuid import UUID

from sqlmodel import col, select

from hub import db
from hub.access import Permission
from hub.demo import builder
from hub.ledger.audit import bundle, verification
from hub.ledger.checks.findings import all_good
from hub.ledger.log import anchoring
from hub.models.party import OrganizationKind
from hub.models.trace import Event
from tests.waiting import wait_for


def found() -> None:
    """A farm that is a member of the ledger; told are its id and an API key."""
    farm = builder.member(builder.party(OrganizationKind.SUPPLIER))
    key = builder.key(farm, "backup", Permission.CAPTURE_EVENTS)
    print(json.dumps({"organization": str(farm.id), "key": key}))


def judge(organization: UUID) -> None:
    """Which of the farm's records are there, and whether an auditor finds all of it valid once it is on the chain."""

    def sealed() -> bool:
        with db.hub_session() as session:
            waiting = session.exec(select(Event).where(col(Event.seq).is_(None)).limit(1)).first()
            head = anchoring.ledger().tree_head(anchoring.ledger().final().number)
            return waiting is None and head.size == verification_size(session)

    wait_for("everything on the chain", sealed, 120, despite=(Exception,))
    with db.session(db.Who(organization)) as session:
        payloads = [event.payload or b"" for event in session.exec(select(Event))]
        checks = bundle.verify(verification.make_bundle(session, str(organization)), anchoring.ledger())
    serials = sorted(int(serial) for payload in payloads for serial in re.findall(rb"107346\.(\d+)", payload))
    bad = [str(check) for check in checks if not check.good]
    print(json.dumps({"serials": serials, "valid": all_good(checks), "bad": bad, "checks": len(checks)}))


def verification_size(session: db.HubSession) -> int:
    """How many entries the log has."""
    from hub.ledger.log import journal
    from hub.models.trace import LogLeaf

    return journal.last(session, LogLeaf.index, -1) + 1


if __name__ == "__main__":
    found() if sys.argv[1] == "found" else judge(UUID(sys.argv[2]))
