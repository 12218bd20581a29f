"""Where each role's pages are, and where a person lands."""

from dataclasses import dataclass
from functools import lru_cache

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from hub.access import Actor, Permission
from hub.models.party import OrganizationKind, Role
from hub.web.i18n import N_


@dataclass(frozen=True)
class Link:
    """One entry of the main navigation."""

    label: str
    path: str
    icon: str


NAV: dict[Role, list[Link]] = {
    Role.SUPPLIER: [
        Link(N_("Today"), "/supplier", "today"),
        Link(N_("Orders"), "/supplier/orders", "box"),
        Link(N_("Forecast"), "/supplier/forecast", "chart"),
        Link(N_("Claims"), "/supplier/claims", "ask"),
        Link(N_("Lots"), "/supplier/lots", "leaf"),
        Link(N_("Records"), "/supplier/records", "sealed"),
    ],
    Role.BUYER: [
        Link(N_("Today"), "/buyer", "today"),
        Link(N_("Orders"), "/buyer/orders", "box"),
        Link(N_("Proposals"), "/buyer/proposals", "edit"),
        Link(N_("Stock"), "/buyer/stock", "store"),
        Link(N_("Forecast"), "/buyer/forecast", "chart"),
        Link(N_("Suppliers"), "/buyer/suppliers", "people"),
    ],
    Role.STORE: [
        Link(N_("Today"), "/store", "today"),
        Link(N_("Deliveries"), "/store/deliveries", "truck"),
        Link(N_("Stock"), "/store/stock", "box"),
        Link(N_("Stock-takes"), "/stock-takes", "list"),
    ],
    Role.DISPATCHER: [
        Link(N_("Board"), "/dispatch", "map"),
        Link(N_("Shipments"), "/dispatch/shipments", "box"),
        Link(N_("Vehicles"), "/dispatch/vehicles", "truck"),
    ],
    Role.DRIVER: [Link(N_("My route"), "/drive", "truck")],
    Role.AUDITOR: [
        Link(N_("Verify"), "/audit", "proof"),
        Link(N_("Record streams"), "/audit/streams", "sealed"),
        Link(N_("Evidence bundle"), "/audit/bundle", "down"),
    ],
    Role.ADMINISTRATOR: [
        Link(N_("Overview"), "/admin", "today"),
        Link(N_("People"), "/settings/people", "people"),
        Link(N_("Audit trail"), "/admin/audit-trail", "list"),
    ],
}

HOME: dict[Role, str] = {role: links[0].path for role, links in NAV.items()}

ROLES: dict[Role, str] = {
    Role.SUPPLIER: N_("Supplier"),
    Role.BUYER: N_("Buyer"),
    Role.STORE: N_("Store"),
    Role.DISPATCHER: N_("Dispatcher"),
    Role.DRIVER: N_("Driver"),
    Role.AUDITOR: N_("Auditor"),
    Role.ADMINISTRATOR: N_("Administrator"),
}


_BESIDE = 4


def links(role: Role | None) -> list[Link]:
    """The navigation of a role."""
    return NAV[role] if role else []


@dataclass(frozen=True)
class Shortcuts:
    """The entries at the foot of a narrow page, and those that are kept behind one more."""

    links: list[Link]
    more: list[Link]


def shortcuts(role: Role | None) -> Shortcuts:
    """A role's shortcuts: four fit beside each other; a single entry needs none."""
    entries = links(role)
    if len(entries) < 2:
        return Shortcuts([], [])
    return Shortcuts(entries, []) if len(entries) <= _BESIDE else Shortcuts(entries[:3], entries[3:])


def current(role: Role | None, path: str) -> str:
    """The path of the entry that ``path`` lies under: the longest that begins it."""
    under = [link.path for link in links(role) if path == link.path or path.startswith(link.path + "/")]
    return max(under, key=len, default="")


@dataclass(frozen=True)
class Setting:
    """One entry of the settings area, for whoever has one of the permissions."""

    label: str
    path: str
    permissions: frozenset[Permission]
    kinds: frozenset[OrganizationKind] = frozenset(OrganizationKind)


def _setting(label: str, path: str, *permissions: Permission) -> Setting:
    return Setting(label, path, frozenset(permissions))


_AUDITED = frozenset(OrganizationKind) - {OrganizationKind.AUDITOR}

SETTINGS: list[Setting] = [
    _setting(N_("Organisation"), "/settings/organization", Permission.ADMINISTER),
    _setting(N_("Places"), "/settings/places", Permission.KEEP_MASTER_DATA),
    Setting(
        N_("Items"),
        "/settings/items",
        frozenset({Permission.KEEP_MASTER_DATA}),
        frozenset({OrganizationKind.SUPPLIER}),
    ),
    Setting(
        N_("Prices"),
        "/settings/prices",
        frozenset({Permission.KEEP_MASTER_DATA}),
        frozenset({OrganizationKind.SUPPLIER}),
    ),
    Setting(
        N_("Delivery terms"),
        "/settings/terms",
        frozenset({Permission.KEEP_MASTER_DATA}),
        frozenset({OrganizationKind.SUPPLIER}),
    ),
    Setting(
        N_("Assortment"),
        "/settings/assortment",
        frozenset({Permission.KEEP_MASTER_DATA}),
        frozenset({OrganizationKind.RETAILER}),
    ),
    Setting(
        N_("Answer times"),
        "/settings/answer-times",
        frozenset({Permission.KEEP_MASTER_DATA}),
        frozenset({OrganizationKind.RETAILER}),
    ),
    Setting(
        N_("Fallback suppliers"),
        "/settings/fallbacks",
        frozenset({Permission.KEEP_MASTER_DATA}),
        frozenset({OrganizationKind.RETAILER}),
    ),
    Setting(
        N_("Second person"),
        "/settings/second-person",
        frozenset({Permission.KEEP_MASTER_DATA}),
        frozenset({OrganizationKind.SUPPLIER}),
    ),
    _setting(N_("Certificates"), "/settings/certificates", Permission.KEEP_MASTER_DATA),
    _setting(N_("Links behind codes"), "/settings/links", Permission.KEEP_MASTER_DATA),
    Setting(N_("Partners"), "/settings/partners", frozenset({Permission.ADMINISTER}), _AUDITED),
    Setting(N_("Auditors"), "/settings/auditors", frozenset({Permission.ADMINISTER}), _AUDITED),
    Setting(
        N_("Whom we audit"),
        "/settings/audits",
        frozenset({Permission.AUDIT}),
        frozenset({OrganizationKind.AUDITOR}),
    ),
    _setting(N_("People"), "/settings/people", Permission.ADMINISTER),
    Setting(
        N_("Stock system"),
        "/settings/core",
        frozenset({Permission.ADMINISTER}),
        frozenset({OrganizationKind.RETAILER}),
    ),
    _setting(N_("API keys"), "/settings/keys", Permission.ADMINISTER),
    _setting(N_("Webhooks"), "/settings/webhooks", Permission.CAPTURE_EVENTS, Permission.AUDIT),
    _setting(
        N_("Programs told"),
        "/settings/hooks",
        Permission.ANSWER_ORDERS,
        Permission.PLACE_ORDERS,
        Permission.ADMINISTER,
    ),
    Setting(
        N_("Buyers' repositories"),
        "/settings/destinations",
        frozenset({Permission.ADMINISTER}),
        frozenset({OrganizationKind.SUPPLIER}),
    ),
    _setting(N_("Name on the ledger"), "/settings/ledger", Permission.ADMINISTER),
]
"""The settings area's side, from top to bottom. An entry shows once its page is there and to those it opens for."""


def settings_links(app: FastAPI, actor: Actor | None) -> list[Setting]:
    """The entries of the settings area that somebody may open."""
    held = actor.permissions if actor and actor.user_id else frozenset()
    there = [entry for entry in SETTINGS if entry.permissions & held and entry.path in _paths(app)]
    return [entry for entry in there if actor is not None and actor.kind in entry.kinds]


def settings_current(path: str) -> str:
    """The path of the entry that ``path`` lies under."""
    under = [entry.path for entry in SETTINGS if path == entry.path or path.startswith(entry.path + "/")]
    return max(under, key=len, default="")


@lru_cache(4)
def _paths(app: FastAPI) -> frozenset[str]:
    return frozenset(route.path for route in iter_route_contexts(app.routes) if route.path)
