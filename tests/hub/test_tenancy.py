"""One organisation never sees another's rows, whatever a service forgets."""

import os

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError, InvalidRequestError
from sqlmodel import SQLModel, select

import hub.migrations.tables  # noqa: F401
from hub import db
from hub.demo import builder
from hub.models.catalogue import TradeItem
from hub.models.party import Organization, OrganizationKind, Place, PlaceKind
from hub.policies import FUNCTIONS, statements
from tests import rows

pytestmark = pytest.mark.usefixtures("clean")


def test_two_chains_that_share_a_supplier_never_see_each_other():
    one, other = (builder.party(OrganizationKind.RETAILER, n) for n in ("Hejia", "Lelin"))
    farm = builder.party(OrganizationKind.SUPPLIER)
    for chain in (one, other):
        builder.relation(chain, farm)
        builder.place(chain, name=chain.name_en)

    with db.session(db.Who(one.id)) as session:
        assert {o.name_en for o in session.exec(select(Organization))} == {"Hejia", "Qinghe"}
        assert [p.name_en for p in session.exec(select(Place))] == ["Hejia"]
    with db.session(db.Who(farm.id)) as session:
        assert {p.name_en for p in session.exec(select(Place))} == {"Hejia", "Lelin"}


def test_a_partner_reads_but_cannot_change_or_delete():
    chain, farm = (
        builder.party(OrganizationKind.RETAILER),
        builder.party(OrganizationKind.SUPPLIER),
    )
    builder.relation(chain, farm)
    builder.place(chain)

    with db.session(db.Who(farm.id)) as session:
        assert session.execute(text("update place set name_en = 'mine'")).rowcount == 0
        assert session.execute(text("delete from place")).rowcount == 0


def test_nobody_writes_a_row_in_anothers_name():
    chain, farm = (
        builder.party(OrganizationKind.RETAILER),
        builder.party(OrganizationKind.SUPPLIER),
    )
    with pytest.raises(DBAPIError, match="row-level security"), db.session(db.Who(farm.id)) as session:
        session.add(rows.place(chain, PlaceKind.STORE, "forged"))


def test_a_session_without_an_organisation_fails_before_it_asks():
    with pytest.raises(KeyError), db.TenantSession(db.app_engine()) as session:
        session.execute(text("select 1"))


def test_the_organisation_does_not_survive_in_the_pool():
    org = builder.party(OrganizationKind.RETAILER)
    with db.session(db.Who(org.id)) as session:
        session.exec(select(Organization)).all()
    with db.app_engine().connect() as connection:
        assert connection.scalar(text("select app_org()")) is None
        assert connection.scalar(text("select count(*) from organization")) == 0


RULES = """
    select tablename || '.' || policyname as rule, cmd || ' ' || roles::text as who, qual, with_check
    from pg_policies where schemaname = 'public' and permissive = 'PERMISSIVE'
    union all select oid::regclass::text || ' security', relrowsecurity::text, relforcerowsecurity::text, null
    from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'alembic_version'
    union all select grantee || ' ' || table_name || '.' || column_name, privilege_type, null, null
    from information_schema.column_privileges
    where table_schema = 'public' and grantee in ('furrow_app', 'furrow_public') and table_name <> 'alembic_version'
    union all select proname, prosecdef::text || provolatile::text, prosrc, proconfig::text
    from pg_proc where pronamespace = 'public'::regnamespace"""


def rules(connection) -> set:
    """Every policy with its conditions, every column somebody may touch, every function, as PostgreSQL says them."""
    return {tuple(row) for row in connection.execute(text(RULES))}


def declared(connection) -> set:
    """The same, had the tables been made today from what the models declare. Leaves the transaction changed."""
    for table, policy in connection.execute(
        text("select tablename, policyname from pg_policies where schemaname = 'public'")
    ).all():
        connection.execute(text(f'drop policy "{policy}" on {table}'))
    for table in SQLModel.metadata.tables:
        connection.execute(text(f"revoke all on {table} from furrow_app, furrow_public, furrow_relay"))
        for statement in statements(table):
            connection.execute(text(statement))
    for function in FUNCTIONS:
        connection.execute(text(function.replace("create function", "create or replace function")))
    return rules(connection)


@pytest.fixture
def as_owner(database):
    """A transaction of the role that owns the tables, undone at the end."""
    url = os.environ["FURROW_DATABASE_OWNER_URL"].replace("postgresql://", "postgresql+psycopg://")
    with create_engine(url).connect() as connection:
        yield connection
        connection.rollback()


def test_every_rule_is_as_its_model_declares(as_owner):
    found = rules(as_owner)
    assert len(found) > 300
    assert found ^ declared(as_owner) == set()


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("alter policy r on place using (true)", "place.r"),
        ("alter policy i on lot with check (true)", "lot.i"),
        ("alter policy u on lot to furrow_app, furrow_public", "lot.u"),
        ("drop policy d on lot", "lot.d"),
        ("create policy x on lot for select to furrow_app using (true)", "lot.x"),
        ("alter table lot no force row level security", "lot security"),
        ("grant select (price) on trade_item to furrow_public", "furrow_public trade_item.price"),
        ("grant update on audit_entry to furrow_app", "furrow_app audit_entry.action"),
        ("alter function partners() security invoker", "partners"),
        (
            "create or replace function app_org() returns uuid stable language sql as 'select null::uuid'",
            "app_org",
        ),
    ],
)
def test_a_rule_that_somebody_changed_is_named(as_owner, change, rule):
    as_owner.execute(text(change))
    found = rules(as_owner)
    assert rule in {name for name, *_ in found ^ declared(as_owner)}


def test_who_alone_says_that_he_works_with_somebody_sees_nothing_of_him():
    rival, farm = (builder.party(OrganizationKind.SUPPLIER, n) for n in ("Rival", "Qinghe"))
    item = builder.item(farm)
    builder.place(farm)
    builder.word(rival, farm)
    for one, other in ((rival, "Qinghe"), (farm, "Rival")):
        with db.session(db.Who(one.id)) as session:
            assert other not in {o.name_en for o in session.exec(select(Organization))}
    with db.session(db.Who(rival.id)) as session:
        assert not session.exec(select(Place)).all() and not session.exec(select(TradeItem)).all()
    builder.word(farm, rival)
    with db.session(db.Who(rival.id)) as session:
        assert session.exec(select(TradeItem)).one().price == item.price


def test_everybody_reads_what_is_published_of_a_row_and_nothing_else():
    farm = builder.party(OrganizationKind.SUPPLIER, "Qinghe")
    builder.place(farm)
    builder.item(farm)
    with db.public_session() as session:
        item = session.exec(select(TradeItem)).one()
        assert item.name_en == "Tomatoes"
        with pytest.raises(InvalidRequestError, match="price"):
            _ = item.price
        assert session.exec(select(Organization)).one().service_phone == ""
    for private in (
        "price from trade_item",
        "salt from lot",
        "phone from organization",
        "created_by from event",
    ):
        with pytest.raises(DBAPIError, match="permission denied"), db.public_session() as session:
            session.execute(text(f"select {private}"))


REFERRED_TO_BY_NOBODY = {"event_audience", "event_key", "log_leaf"}
"""Tables that grow with every event and whose rows no other row names: an index on their key would serve nobody."""


def test_every_table_has_an_owner_and_a_key_led_by_it():
    for name, table in SQLModel.metadata.tables.items():
        assert not table.c.owner_id.nullable, name
        assert name in REFERRED_TO_BY_NOBODY or any(
            [c.name for c in u.columns] == ["owner_id", "id"] for u in table.constraints if hasattr(u, "columns")
        ), name


def test_the_app_refuses_to_start_as_a_role_that_bypasses_the_policies():
    db.refuse_bypassing_role(db.app_engine())
    with pytest.raises(RuntimeError, match="bypasses"):
        db.refuse_bypassing_role(db.relay_engine())


def test_an_audit_entry_cannot_be_changed_or_deleted():
    org = builder.party(OrganizationKind.RETAILER)
    for sql in ("update audit_entry set action = ''", "delete from audit_entry"):
        with pytest.raises(DBAPIError, match="permission denied"), db.session(db.Who(org.id)) as session:
            session.execute(text(sql))
