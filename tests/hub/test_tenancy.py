"""One organisation never sees another's rows, whatever a service forgets."""

import os

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel, select

import hub.migrations.tables  # noqa: F401
from hub import db
from hub.models.party import Organization, OrganizationKind, Place, PlaceKind
from hub.policies import statements
from tests import factories

pytestmark = pytest.mark.usefixtures("clean")


def place(org: Organization, name: str) -> Place:
    return Place(
        owner_id=org.id,
        kind=PlaceKind.STORE,
        name_zh=name,
        name_en=name,
        gln=factories.gln(900),
        latitude=36.6,
        longitude=117.0,
    )


def test_two_chains_that_share_a_supplier_never_see_each_other():
    one, other = (factories.organization(OrganizationKind.RETAILER, n) for n in ("Hejia", "Lelin"))
    farm = factories.organization(OrganizationKind.SUPPLIER)
    for chain in (one, other):
        factories.relation(chain, farm)
        with db.session(db.Who(chain.id)) as session:
            session.add(place(chain, chain.name_en))

    with db.session(db.Who(one.id)) as session:
        assert {o.name_en for o in session.exec(select(Organization))} == {"Hejia", "Qinghe"}
        assert [p.name_en for p in session.exec(select(Place))] == ["Hejia"]
    with db.session(db.Who(farm.id)) as session:
        assert {p.name_en for p in session.exec(select(Place))} == {"Hejia", "Lelin"}


def test_a_partner_reads_but_cannot_change_or_delete():
    chain, farm = (
        factories.organization(OrganizationKind.RETAILER),
        factories.organization(OrganizationKind.SUPPLIER),
    )
    factories.relation(chain, farm)
    with db.session(db.Who(chain.id)) as session:
        session.add(place(chain, "store"))

    with db.session(db.Who(farm.id)) as session:
        assert session.execute(text("update place set name_en = 'mine'")).rowcount == 0
        assert session.execute(text("delete from place")).rowcount == 0


def test_nobody_writes_a_row_in_anothers_name():
    chain, farm = (
        factories.organization(OrganizationKind.RETAILER),
        factories.organization(OrganizationKind.SUPPLIER),
    )
    with pytest.raises(DBAPIError, match="row-level security"), db.session(db.Who(farm.id)) as session:
        session.add(place(chain, "forged"))


def test_a_session_without_an_organisation_fails_before_it_asks():
    with pytest.raises(KeyError), db.TenantSession(db.app_engine()) as session:
        session.execute(text("select 1"))


def test_the_organisation_does_not_survive_in_the_pool():
    org = factories.organization(OrganizationKind.RETAILER)
    with db.session(db.Who(org.id)) as session:
        session.exec(select(Organization)).all()
    with db.app_engine().connect() as connection:
        assert connection.scalar(text("select app_org()")) is None
        assert connection.scalar(text("select count(*) from organization")) == 0


def test_every_table_is_under_row_level_security_as_its_model_declares():
    engine = create_engine(
        os.environ["FURROW_DATABASE_OWNER_URL"].replace("postgresql://", "postgresql+psycopg://")
    )
    with engine.connect() as connection:
        rows = connection.execute(
            text("select tablename, policyname from pg_policies where schemaname = 'public'")
        ).all()
        forced = (
            connection.execute(
                text("select relname from pg_class where relforcerowsecurity and relrowsecurity")
            )
            .scalars()
            .all()
        )
    assert set(forced) == set(SQLModel.metadata.tables)
    for table in SQLModel.metadata.tables:
        declared = {line.split()[2] for line in statements(table) if line.startswith("create policy")}
        assert {name for t, name in rows if t == table} == declared, table


def test_every_table_has_an_owner_and_a_key_led_by_it():
    for name, table in SQLModel.metadata.tables.items():
        assert not table.c.owner_id.nullable, name
        assert any(
            [c.name for c in u.columns] == ["owner_id", "id"]
            for u in table.constraints
            if hasattr(u, "columns")
        ), name


def test_the_app_refuses_to_start_as_a_role_that_bypasses_the_policies():
    db.refuse_bypassing_role(db.app_engine())
    with pytest.raises(RuntimeError, match="bypasses"):
        db.refuse_bypassing_role(db.relay_engine())


def test_an_audit_entry_cannot_be_changed_or_deleted():
    org = factories.organization(OrganizationKind.RETAILER)
    for sql in ("update audit_entry set action = ''", "delete from audit_entry"):
        with pytest.raises(DBAPIError, match="permission denied"), db.session(db.Who(org.id)) as session:
            session.execute(text(sql))
