"""What the page of an organisation's name on the ledger shows, said in the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chain_node.facts import Member
from hub.models.party import KeyHolder
from hub.trace.joining import Name
from hub.web.i18n import Language
from hub.web.view import State


@dataclass(frozen=True)
class Choice:
    """Naming an own key: what it is called, what follows, and the word that does it."""

    title: str
    text: str
    button: str


@dataclass(frozen=True)
class LedgerPage:
    """An organisation as the ledger knows it.

    ``choice`` is what naming an own key does now. ``commands`` are for who has one; ``checks`` say whether that works,
    once somebody asked.
    """

    lead: str
    facts: Sequence[tuple[str, str]]
    means: str
    choice: Choice | None
    commands: str
    checks: Sequence[State]


@dataclass(frozen=True)
class Looked:
    """What the chain says of a member; ``away`` where it could not be asked."""

    member: Member | None = None
    away: bool = False


def ledger_page(name: Name, hub: str, looked: Looked | None, speaks: Language) -> LedgerPage:
    """The page; ``looked`` once somebody asked whether it works."""
    key, own = name.key, name.key is not None and name.key.held_by is KeyHolder.MEMBER
    return LedgerPage(
        lead=speaks.gettext(
            "What you record is signed under this name; whoever checks a record finds it on the chain."
        ),
        facts=_facts(name, speaks),
        means=_means(name, own=own, speaks=speaks),
        choice=_choice(name, own=own, speaks=speaks) if key is not None or name.asked is not None else None,
        commands=_commands(name.organization.member, hub) if own else "",
        checks=_checks(name, looked, speaks) if own and looked is not None else [],
    )


def _choice(name: Name, *, own: bool, speaks: Language) -> Choice:
    title = speaks.gettext("A key of your own")
    if name.key is None:
        return Choice(
            title,
            speaks.gettext("Until you are enrolled you may still name one of your own."),
            speaks.gettext("Join by this key"),
        )
    if own:
        return Choice(
            speaks.gettext("Another key"),
            speaks.gettext(
                "If your key is lost, or another machine is to sign, give the address of the new one: the present one "
                "ends within seconds. Records signed so far stay as they are."
            ),
            speaks.gettext("Change to this key"),
        )
    return Choice(
        title,
        speaks.gettext(
            "From then on the hub signs nothing for you: what you record waits until “furrow sign” has signed it. "
            "Records signed so far stay as they are. Keep the key's file safe; if it is lost, name another."
        ),
        speaks.gettext("Change to this key"),
    )


def _facts(name: Name, speaks: Language) -> list[tuple[str, str]]:
    key, organization = name.key, name.organization
    if key is None:
        waits = speaks.gettext("Waits to be enrolled") if name.asked else speaks.gettext("No member yet")
        address = name.asked.address if name.asked else None
        return [(speaks.gettext("State"), waits)] + ([(speaks.gettext("Address"), address)] if address else [])
    hub, member = speaks.gettext("This hub, for you"), speaks.gettext("You yourselves")
    changing = name.asked is not None and name.asked.done_at is None and name.asked.address
    return [
        *([(speaks.gettext("Is being changed to"), changing)] if changing else []),
        (speaks.gettext("Member"), speaks.number(organization.member or 0)),
        (speaks.gettext("Address"), key.address),
        (speaks.gettext("The key is held by"), hub if key.held_by is KeyHolder.HUB else member),
        (speaks.gettext("Since"), _moment(key.enrolled_at or key.created_at, name, speaks)),
    ]


def _moment(at: datetime, name: Name, speaks: Language) -> str:
    return speaks.moment(at, name.organization)


def _means(name: Name, *, own: bool, speaks: Language) -> str:
    if name.key is None:
        return speaks.gettext(
            "The hub makes and holds a key for you, unless you give the address of your own before you are enrolled. "
            "With an own one you wait only where that address is another member's: give another then."
        )
    if own:
        return speaks.gettext("Nobody but you signs for you: what you record waits until “furrow sign” has signed it.")
    return speaks.gettext(
        "What the hub signs for you is its testimony, and is shown as such. To sign yourself, make a key with "
        "“furrow new-key” on a machine of yours, and give its address here."
    )


def _commands(member: int | None, hub: str) -> str:
    signing = f"furrow sign --key own.key --member {member} --hub {hub} --api-key …"
    return f"furrow new-key own.key\n{signing}\n{signing} --follow"


def _checks(name: Name, looked: Looked, speaks: Language) -> list[State]:
    return [_on_the_chain(name, looked, speaks), _arrived(name, speaks), _waits(name, speaks)]


def _on_the_chain(name: Name, looked: Looked, speaks: Language) -> State:
    if looked.away:
        return State(speaks.gettext("The chain cannot be asked now."), "clock", "warn")
    address = name.key.address.lower() if name.key else ""
    held = [key for key in (looked.member.keys if looked.member else ()) if "0x" + key.account.hex() == address]
    if not held:
        return State(speaks.gettext("The chain does not know this address yet."), "clock", "warn")
    if held[-1].to_block or held[-1].hub_held:
        return State(
            speaks.gettext("The chain says otherwise: this key counts no more, or is the hub's."), "stop", "stop"
        )
    return State(speaks.gettext("The chain knows this address as your own key."), "ok", "ok")


def _arrived(name: Name, speaks: Language) -> State:
    if name.newest is None:
        return State(speaks.gettext("Nothing signed by it has arrived yet."), "clock", "warn")
    when = _moment(name.newest.created_at, name, speaks)
    return State(speaks.gettext("Records signed by it arrived last on %(when)s.", when=when), "ok", "ok")


def _waits(name: Name, speaks: Language) -> State:
    if name.unsigned == 0:
        return State(speaks.gettext("Nothing waits for your signature."), "ok", "ok")
    waits = speaks.ngettext(
        "%(num)s record waits for your signature.", "%(num)s records wait for your signature.", name.unsigned
    )
    return State(waits, "clock", "warn")
