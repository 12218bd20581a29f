"""What the pages of reports call things."""

from hub.models.reports import ProblemReport, Trouble
from hub.web.i18n import N_, Language
from hub.web.view import State

TROUBLES: dict[Trouble, str] = {
    Trouble.QUALITY: N_("Taste, smell, look or spoiled"),
    Trouble.FOREIGN_BODY: N_("Something in it that does not belong there"),
    Trouble.PACKAGING: N_("Pack damaged or open"),
    Trouble.LABEL: N_("Label or date wrong"),
    Trouble.ILLNESS: N_("Somebody felt ill after eating it"),
    Trouble.OTHER: N_("Something else"),
}
MOST_WORDS = 2000


def item_of(report: ProblemReport, speaks: Language) -> str:
    """What the item was called when the report came: in this language, else in the other."""
    names = {"zh": report.item_zh, "en": report.item_en}
    return names[speaks.code] or names[speaks.other.code]


def state_of(closed: bool, speaks: Language) -> State:
    """Whether a report is closed."""
    return State(speaks.gettext("Closed"), "ok", "ok") if closed else State(speaks.gettext("Open"), "clock", "warn")
