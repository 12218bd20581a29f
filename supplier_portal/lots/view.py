"""What several pages of lots and records say: how far each is, and what a step is called."""

from collections.abc import Mapping

from hub import sought
from hub.models.trace import Event
from hub.web.i18n import N_, Language
from hub.web.view import State
from hub.web.words import STEPS
from supplier_portal.lots.lot_book import LotState
from supplier_portal.lots.record_book import RecordRow

Options = list[tuple[str, str]]
"""What can be chosen in a form: a value and its word."""

_LOTS: Mapping[LotState, State] = {
    LotState.GROWING: State(N_("Growing"), "leaf"),
    LotState.HARVESTED: State(N_("Harvested"), "tick"),
    LotState.TESTED: State(N_("Tested"), "ok", "ok"),
    LotState.RECALLED: State(N_("Recalled"), "stop", "stop"),
}
_RECORDS: Mapping[str, State] = {
    "unsigned": State(N_("Waiting for your signature"), "edit", "warn"),
    "waiting": State(N_("Waiting to be sealed"), "clock"),
    "sealed": State(N_("Sealed"), "sealed"),
    "sent": State(N_("Sealed"), "sealed"),
    "anchored": State(N_("Anchored"), "sealed"),
    "final": State(N_("Final"), "ok", "ok"),
}


def lot_state(state: LotState, speaks: Language) -> State:
    """How far a lot has come."""
    return _said(_LOTS[state], speaks)


def record_state(row: RecordRow, speaks: Language) -> State:
    """How far a record is on its way to the chain."""
    return _said(_RECORDS[row.state], speaks)


def _said(state: State, speaks: Language) -> State:
    return state._replace(word=speaks.gettext(state.word))


def step_word(event: Event, speaks: Language) -> str:
    """What a record's step is called: as we call it, or as the record does."""
    return step_name(event.biz_step, speaks) or event.type


def step_name(step: str, speaks: Language) -> str:
    """What a business step is called; of one that we have no word for, the end of its name."""
    return speaks.gettext(STEPS[step]) if step in STEPS else step.split(":")[-1]


def steps_called(words: str, speaks: Language) -> list[str]:
    """The business steps whose name in a language has these words in it."""
    sought_for = sought.fold(words)
    return [step for step, word in STEPS.items() if sought_for and sought_for in sought.fold(speaks.gettext(word))]
