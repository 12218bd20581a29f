"""What comes to be by time alone, and somebody is told of: certificates that end, cores that are silent."""

from datetime import datetime, timedelta

from sqlmodel import col, select

from hub import db
from hub.errors import N_
from hub.messages import NoticeGiven
from hub.models.catalogue import Certificate
from hub.models.inventory import CoreConnection
from hub.models.notice import Notice
from hub.models.party import Organization, day_of
from hub.notices import desk

BEFORE_ITS_END = timedelta(days=30)
SILENT = timedelta(minutes=30)


def certificates(at: datetime) -> int:
    """Tell organisations of certificates that end within a month; return of how many. Each is told once."""
    owner = col(Certificate.owner_id)
    with db.hub_session() as session:
        ending = select(Certificate).where(
            col(Certificate.lot_id).is_(None),
            col(Certificate.valid_to).between(day_of(owner, at), day_of(owner, at + BEFORE_ITS_END)),
        )
        rows = {f"certificate.ending/{row.id}/{row.valid_to}": row for row in session.exec(ending)}
        told = set(session.exec(select(Notice.key).where(col(Notice.key).in_(rows))).all())
    for key in rows.keys() - told:
        row = rows[key]
        with db.session(db.Who(row.owner_id)) as session:
            said = {
                "name": {"zh": row.name_zh, "en": row.name_en},
                "number": row.number,
                "day": {"day": row.valid_to.isoformat() if row.valid_to else ""},
            }
            sentence = N_("%(name)s %(number)s ends on %(day)s.")
            address = f"/settings/certificates/{row.id}"
            desk.tell(session, row.owner_id, NoticeGiven("certificate.ending", key, sentence, said, address))
    return len(rows.keys() - told)


def cores(at: datetime) -> int:
    """Tell retailers of cores that have not answered for half an hour; return of how many. Once for each silence."""
    with db.hub_session() as session:
        silent = select(CoreConnection).where(
            col(CoreConnection.answered_at) < at - SILENT,
            col(CoreConnection.paused_at).is_(None),
            col(CoreConnection.ended_at).is_(None),
        )
        keys = {f"core.trouble/{row.owner_id}/{row.answered_at:%Y%m%dT%H}": row for row in session.exec(silent)}
        told = set(session.exec(select(Notice.key).where(col(Notice.key).in_(keys))).all())
    for key in keys.keys() - told:
        row = keys[key]
        with db.session(db.Who(row.owner_id)) as session:
            since = row.answered_at.isoformat() if row.answered_at else ""
            sentence = N_("The stock system has not answered since %(since)s.")
            zone = session.get_one(Organization, row.owner_id).time_zone
            said = {"since": {"at": since, "zone": zone}}
            desk.tell(session, row.owner_id, NoticeGiven("core.trouble", key, sentence, said, "/settings/core"))
    return len(keys.keys() - told)
