"""What an administrator's first page says of the first steps, in the administrator's language."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from hub.beginning.steps import DISPENSABLE, PATHS, Standing, Step
from hub.gs1 import digital_link
from hub.models.party import KeyHolder
from hub.web.i18n import N_, NN_, Language

_FEW = 3
"""So many names are told; the others are counted."""
_ICONS = {"done": "ok", "wait": "clock"}
_BUTTONS: dict[Step, tuple[str, str]] = {
    Step.STORES: (N_("Look at them"), N_("Add a store")),
    Step.ITEMS: (N_("Look at them"), N_("Add items")),
    Step.SUPPLIERS: (N_("Look at them"), N_("Invite a supplier")),
    Step.HAULIER: (N_("Look at them"), N_("Invite a haulier")),
    Step.CORE: (N_("Look at it"), N_("Connect the core")),
    Step.PEOPLE: (N_("Look at them"), N_("Invite a colleague")),
    Step.NOTICES: (N_("Change"), N_("Set up notices")),
    Step.ORDER: (N_("Look at them"), N_("Look at proposals")),
}
"""What the button of a step says when it is done, and while it is not."""


@dataclass(frozen=True)
class StepRow:
    """A step: ``state`` is done, wait, next or empty; ``address`` is empty where this hub has no page for it.

    ``key`` names a step that the chain may do without, and has not yet.
    """

    key: str
    title: str
    text: str
    state: str
    icon: str
    address: str
    button: str


@dataclass(frozen=True)
class Beginning:
    """The first steps, how many are done, and what the chain is on the ledger; ``lead`` says what comes next."""

    lead: str
    count: str
    steps: Sequence[StepRow]
    ledger: Sequence[tuple[str, str]]


def beginning(at: Standing, open_to: Collection[str], speaks: Language) -> Beginning | None:
    """The first steps, with those pages linked that are open to the reader; None when all is done."""
    paths = {step: path for step, path in PATHS.items() if path in open_to}
    left = [step for step in Step if not at.done(step)]
    if not [step for step in left if step not in DISPENSABLE or step in paths]:
        return None
    following = next((step for step in left if step in paths and not at.waits(step)), None)
    return Beginning(
        lead=speaks.paragraph(
            speaks.ngettext(
                "%(num)s more step until the first load can come in.",
                "%(num)s more steps until the first load can come in.",
                len(left),
            ),
            speaks.gettext("Next: %(step)s.", step=_title(following, at, speaks)) if following else "",
        ),
        count=speaks.gettext("%(done)s of %(total)s done", done=len(Step) - len(left), total=len(Step)),
        steps=[_row(step, at, _state(step, at, following), paths.get(step, ""), speaks) for step in Step],
        ledger=_ledger(at, speaks),
    )


def _state(step: Step, at: Standing, following: Step | None) -> str:
    """How far a step is: done, next, waiting for somebody else, or none of these."""
    return "done" if at.done(step) else "next" if step is following else "wait" if at.waits(step) else ""


def _row(step: Step, at: Standing, state: str, path: str, speaks: Language) -> StepRow:
    """A step in a line; ``path`` leads to where it is done, if that is open to the reader."""
    done = at.done(step)
    then, now = _BUTTONS.get(step, ("", ""))
    return StepRow(
        key=step.value if step in DISPENSABLE and not done else "",
        title=_title(step, at, speaks),
        text=_text(step, at, speaks),
        state=state,
        icon=_ICONS.get(state, "draft"),
        address=path,
        button=speaks.gettext(then if done else now) if path else "",
    )


def _title(step: Step, at: Standing, speaks: Language) -> str:
    """What a step is called; of what there is, how many."""
    titles = {
        Step.CHAIN: N_("Chain and administrator"),
        Step.STORES: N_("Stores"),
        Step.ITEMS: N_("Items"),
        Step.SUPPLIERS: N_("Suppliers"),
        Step.HAULIER: N_("Haulier"),
        Step.CORE: N_("Stock system (core)"),
        Step.PEOPLE: N_("Colleagues"),
        Step.NOTICES: N_("Where notices go"),
        Step.ORDER: N_("First order"),
    }
    counted = {
        Step.STORES: speaks.counted(NN_("%(num)s store", "%(num)s stores"), len(at.stores)),
        Step.ITEMS: speaks.counted(NN_("%(num)s item", "%(num)s items"), at.items),
        Step.SUPPLIERS: speaks.counted(NN_("%(num)s supplier", "%(num)s suppliers"), len(at.suppliers.names)),
        Step.PEOPLE: speaks.counted(NN_("%(num)s colleague", "%(num)s colleagues"), at.colleagues),
    }
    return counted.get(step) or speaks.gettext(titles[step])


def _text(step: Step, at: Standing, speaks: Language) -> str:
    if step in at.without:
        return speaks.gettext("You do without.")
    if step is Step.CHAIN:
        return _founded(at, speaks)
    if step is Step.STORES:
        return _stores(at, speaks)
    if step in (Step.SUPPLIERS, Step.HAULIER):
        return _joined(step, at, speaks)
    undone = {
        Step.ITEMS: N_("What you sell, from whom, and your core's code for it. All of it can come from one file."),
        Step.CORE: N_("Sales and stock come from it, receipts go to it. Without one, upload both as files."),
        Step.PEOPLE: N_("You are alone. A buyer orders, and each store needs somebody who receives goods."),
        Step.NOTICES: N_("They are shown in this hub only. Mail, WeCom, DingTalk and Feishu are possible."),
        Step.ORDER: N_("A buyer places it: from a proposal, once sales are known, or by hand."),
    }
    done = {
        Step.ITEMS: N_("In your assortment."),
        Step.CORE: N_("Connected.") if at.cores else N_("Sales come from files."),
        Step.PEOPLE: N_("They act for the chain beside you."),
        Step.NOTICES: N_("Set up."),
        Step.ORDER: N_("Placed."),
    }
    return speaks.gettext((done if at.done(step) else undone)[step])


def _founded(at: Standing, speaks: Language) -> str:
    """Who the chain is, and whether it is on the ledger yet."""
    gln = at.chain.gln
    number = (
        speaks.gettext("Number %(gln)s of this hub's own, until you have a GLN.", gln=gln)
        if digital_link.is_internal(gln)
        else speaks.gettext("GLN %(gln)s.", gln=gln)
    )
    joining = "" if at.chain.member else speaks.gettext("Joining the ledger: some seconds, by itself.")
    return speaks.paragraph(f"{speaks.name(at.chain)}{'，' if speaks.code == 'zh' else ', '}{number}", joining)


def _stores(at: Standing, speaks: Language) -> str:
    if not at.stores:
        return speaks.gettext("Where goods are sold, and who serves them.")
    centres = speaks.ngettext(
        "Served by %(num)s distribution centre.", "Served by %(num)s distribution centres.", at.centres
    )
    return speaks.paragraph(_names(at.stores, speaks), centres if at.centres else "")


def _joined(step: Step, at: Standing, speaks: Language) -> str:
    partners = at.suppliers if step is Step.SUPPLIERS else at.hauliers
    none = {
        Step.SUPPLIERS: N_("None yet. Whoever you invite signs up on a phone and lists what it sells."),
        Step.HAULIER: N_("None yet. You can order without one; only routes and temperatures are not seen."),
    }
    awaited = speaks.ngettext(
        "%(num)s has not confirmed yet that it trades with you.",
        "%(num)s have not confirmed yet that they trade with you.",
        partners.awaited,
    )
    known = _names(partners.names, speaks) if partners.names else "" if partners.awaited else speaks.gettext(none[step])
    return speaks.paragraph(known, awaited if partners.awaited else "")


def _names(things: Sequence[object], speaks: Language) -> str:
    """The first few by name, as a sentence."""
    zh = speaks.code == "zh"
    told = ("、" if zh else ", ").join(speaks.name(thing) for thing in things[:_FEW])
    more = len(things) - _FEW
    if more > 0:
        return speaks.gettext("%(names)s and %(count)s more.", names=told, count=more)
    return told + ("。" if zh else ".")


def _ledger(at: Standing, speaks: Language) -> list[tuple[str, str]]:
    if at.chain.member is None:
        return []
    held = N_("This hub, for you") if at.held_by == KeyHolder.HUB else N_("You yourself")
    return [
        (speaks.gettext("You are"), speaks.gettext("Member %(number)s", number=at.chain.member)),
        (speaks.gettext("Who holds the key"), speaks.gettext(held)),
    ]
