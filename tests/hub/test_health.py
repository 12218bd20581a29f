"""What the operator is told to look at."""

import os
import socket
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from pydantic import SecretStr
from sqlalchemy import create_engine, text

from hub import access, db, health, schema
from hub.demo import builder
from hub.models.base import now
from hub.models.outbox import OutboxMessage
from hub.models.party import OrganizationKind, Role
from hub.settings import settings
from hub.trace import joining
from tests.hub.growers import growers, keys_of_the_hub  # noqa: F401

pytestmark = pytest.mark.usefixtures("clean")
PASSWORD = "a long enough sentence"


def come(org, count, address):
    for number in range(count):
        email = f"{address}-{number}@example.org"
        builder.person(org, Role.BUYER, PASSWORD, email)
        access.sign_in(email, PASSWORD, address, email)


def test_all_people_from_one_address_are_a_proxy_until_it_is_named(monkeypatch):
    org = builder.party(OrganizationKind.RETAILER)
    come(org, health.PEOPLE, "10.0.0.1")
    assert [line for line in health.symptoms() if "FURROW_TRUSTED_PROXIES" in line]
    monkeypatch.setattr(settings(), "trusted_proxies", "10.0.0.1")
    assert not [line for line in health.symptoms() if "FURROW_TRUSTED_PROXIES" in line]
    monkeypatch.setattr(settings(), "trusted_proxies", "")
    come(org, 1, "192.0.2.1")
    assert not [line for line in health.symptoms() if "FURROW_TRUSTED_PROXIES" in line]


def test_records_that_nobody_seals_are_named(growers):  # noqa: F811
    growers.grow("L-1")
    assert not [line for line in health.symptoms() if "keeper" in line]
    with db.hub_session() as session:
        session.execute(text("update event set created_at = now() - interval '2 minutes'"))
    assert [line for line in health.symptoms() if "2 records wait to be sealed" in line]


def test_messages_that_wait_and_a_chain_that_is_away_are_named():
    org = builder.party(OrganizationKind.RETAILER)
    with db.session(db.Who(org.id)) as session:
        session.add(OutboxMessage(owner_id=org.id, to_org=org.id, type="X", next_at=now(), parked_at=now()))
    told = "\n".join(health.symptoms())
    assert "1 messages failed too often" in told and "chain does not answer" in told


def as_owner(statement):
    """Change the database as who owns its tables; what undoes it is for the caller."""
    url = os.environ["FURROW_DATABASE_OWNER_URL"].replace("postgresql://", "postgresql+psycopg://")
    with create_engine(url).begin() as connection:
        connection.execute(text(statement))


def found(subject):
    return "\n".join(dict(health.findings())[subject])


def test_a_sound_database_has_no_symptom():
    told = dict(health.findings())
    for subject in ("database", "database roles", "migrations", "row level security", "waiting", "clock"):
        assert told[subject] == [], subject


def test_a_table_that_somebody_took_out_of_row_level_security_is_named():
    as_owner("alter table lot no force row level security")
    try:
        assert "table lot is not under row-level security" in found("row level security")
    finally:
        as_owner("alter table lot force row level security")


def test_a_schema_of_another_version_is_named():
    as_owner("update alembic_version set version_num = '0001'")
    try:
        assert "run `furrow migrate`" in found("migrations")
    finally:
        as_owner(f"update alembic_version set version_num = '{schema.newest()}'")


def test_an_organisation_that_no_keeper_takes_up_is_named():
    org = builder.party(OrganizationKind.SUPPLIER)
    with db.session(db.Who(org.id)) as session:
        joining.ask(session)
    assert found("waiting") == ""
    with db.hub_session() as session:
        session.execute(text("update enrolment set created_at = now() - interval '2 minutes'"))
    assert "1 organisations wait to join the ledger" in found("waiting")


def test_a_database_that_is_away_is_one_symptom_and_the_rest_is_looked_at(monkeypatch):
    monkeypatch.setattr(settings(), "database_relay_url", SecretStr("postgresql://nobody:x@127.0.0.1:9/none"))
    db.dispose()
    try:
        told = dict(health.findings())
    finally:
        monkeypatch.undo()
        db.dispose()
    assert "does not answer" in told["database"][0] and "disk" in told and "migrations" not in told


def test_a_disk_that_is_nearly_full_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(settings(), "backup_folder", tmp_path)
    monkeypatch.setattr(health.shutil, "disk_usage", lambda _: SimpleNamespace(free=10**9, total=10**11))
    assert "1.0 GB of 100 GB left" in found("disk")


def test_a_key_that_others_may_read_is_named(monkeypatch, tmp_path):
    key = tmp_path / "kek"
    key.touch(mode=0o644)
    key.chmod(0o644)
    monkeypatch.setattr(settings(), "key_file", key)
    assert f"chmod 600 {key}" in found("keys")


def test_a_missing_and_an_old_backup_are_named_on_a_server_only(monkeypatch, tmp_path):
    monkeypatch.setattr(settings(), "backup_folder", tmp_path)
    assert found("backups") == ""
    monkeypatch.setattr(settings(), "environment", "production")
    assert "There is no backup" in found("backups")
    archive = tmp_path / "2026-11-24T010000Z.furrow"
    archive.touch()
    assert found("backups") == ""
    os.utime(archive, (time.time() - 3 * 86400,) * 2)
    assert "is 3 days old" in found("backups")
    monkeypatch.setattr(settings(), "backup_folder", None)
    assert "FURROW_BACKUP_FOLDER is not set" in found("backups")


def test_an_address_that_browsers_cannot_reach_is_named(monkeypatch):
    assert found("certificate") == ""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    monkeypatch.setattr(settings(), "base_url", f"https://localhost:{port}")
    assert "cannot be reached as browsers do" in found("certificate")


def test_a_clock_that_is_wrong_is_named(monkeypatch):
    monkeypatch.setattr(health, "now", lambda: now() + timedelta(minutes=3))
    assert "differ by 3 minutes" in found("clock") or "differ by 2 minutes" in found("clock")


def test_a_mail_server_that_is_away_or_not_set_is_named(monkeypatch):
    assert found("mail") == ""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    monkeypatch.setattr(settings(), "mail_url", SecretStr(f"smtp://hub:secret@127.0.0.1:{port}"))
    assert "mail server 127.0.0.1 does not answer" in found("mail") and "secret" not in found("mail")
    monkeypatch.setattr(settings(), "mail_url", SecretStr(""))
    monkeypatch.setattr(settings(), "environment", "production")
    assert "Set FURROW_MAIL_URL" in found("mail")
