"""What the pages of API keys show."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from hub.access import Permission
from hub.accounts import machines
from hub.models.access import ApiKey
from hub.models.party import Organization, OrganizationKind
from hub.web.i18n import N_, Language
from hub.web.view import State

SCOPES: dict[Permission, str] = {
    Permission.CAPTURE_EVENTS: N_("Send and read trace records (EPCIS)"),
    Permission.PUBLISH_EVENTS: N_("Publish trace records to shoppers"),
    Permission.PLACE_ORDERS: N_("Place orders"),
    Permission.APPROVE_ORDERS: N_("Approve orders that others ask for"),
    Permission.ANSWER_ORDERS: N_("Answer orders"),
    Permission.SHARE_FORECASTS: N_("Share forecasts"),
    Permission.COMMIT_TO_FORECASTS: N_("Commit to forecasts"),
    Permission.PLAN_ROUTES: N_("Plan routes"),
    Permission.DRIVE: N_("Tell positions and temperatures on the way"),
    Permission.RECEIVE_GOODS: N_("Receive goods"),
    Permission.RECALL_LOTS: N_("Recall lots"),
    Permission.AUDIT: N_("Read and verify records"),
    Permission.ADMINISTER: N_("Administer"),
    Permission.KEEP_MASTER_DATA: N_("Keep places, items and certificates"),
}
"""What a permission opens to a machine."""


@dataclass(frozen=True)
class KeyRow:
    """A key: what it opens, until when, and when it was last used."""

    id: UUID
    name: str
    scopes: str
    ends: str
    used: str
    state: State
    revoke: str
    label: str


@dataclass(frozen=True)
class KeysPage:
    """The organisation's keys."""

    lead: str
    keys: Sequence[KeyRow]


def keys_page(keys: Sequence[ApiKey], own: Organization, speaks: Language, *, at: datetime) -> KeysPage:
    """The list of keys."""
    rows = [_row(key, own, speaks, at) for key in keys]
    good = sum(bool(row.revoke) for row in rows)
    return KeysPage(speaks.ngettext("%(num)s key is good.", "%(num)s keys are good.", good), rows)


def _row(key: ApiKey, own: Organization, speaks: Language, at: datetime) -> KeyRow:
    state = _state(key, speaks, at)
    return KeyRow(
        id=key.id,
        name=key.name,
        scopes=("；" if speaks.code == "zh" else "; ").join(
            speaks.gettext(SCOPES[Permission(scope)]) for scope in key.scopes
        ),
        ends=speaks.long_date(own.day(key.expires_at)) if key.expires_at else speaks.gettext("never"),
        used=speaks.ago(key.used_at, at) if key.used_at else speaks.gettext("never"),
        state=state,
        revoke=f"/settings/keys/{key.id}/revoke" if state.tone == "ok" else "",
        label=speaks.gettext("Revoke the key %(name)s?", name=key.name),
    )


def _state(key: ApiKey, speaks: Language, at: datetime) -> State:
    if key.revoked_at is not None:
        return State(speaks.gettext("Revoked"), "no")
    if key.expires_at is not None and key.expires_at < at:
        return State(speaks.gettext("Ended"), "no")
    return State(speaks.gettext("Valid"), "ok", "ok")


@dataclass(frozen=True)
class NewKeyPage:
    """Where a key is made: what it may open, and for how long."""

    scopes: Sequence[tuple[str, str]]
    terms: Sequence[tuple[str, str]]


def new_key_page(kind: OrganizationKind, speaks: Language) -> NewKeyPage:
    """The page of making a key."""
    return NewKeyPage(
        scopes=[(scope.value, speaks.gettext(SCOPES[scope])) for scope in machines.scopes(kind)],
        terms=[(str(days), speaks.ngettext("%(num)s day", "%(num)s days", days)) for days in (90, 30, 365, 730)],
    )
