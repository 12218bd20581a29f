"""How long each supplier may think about an order."""

from hub.pages.settings.registers.register_pages import pages_of
from hub.pages.settings.registers.section import Field, Section, Words
from hub.web.i18n import N_, NN_
from supplier_portal.orders.deadlines.registers import AnswerTimes

SECTION = Section(
    register=AnswerTimes(),
    path="/settings/answer-times",
    words=Words(
        title=N_("Answer times"),
        add=N_("Give a supplier a time of its own"),
        added=N_("The time holds for orders that are placed from now on."),
        end=N_("End this time"),
        end_text=N_("From the next order on it has as long as your other suppliers. You can give it the time again."),
        ended=N_("The time holds no more."),
        again=N_("Give it the time again"),
        counted=NN_("%(num)s supplier has a time of its own.", "%(num)s suppliers have a time of their own."),
        search=N_("Supplier"),
        nothing=(N_("Every supplier has the same time."), N_("It stands under Organisation.")),
    ),
    fields=(
        Field("supplier", N_("Supplier's GLN"), required=True, attributes={"inputmode": "numeric"}),
        Field(
            "hours",
            N_("Hours to answer"),
            N_("From the moment an order is placed."),
            "number",
            required=True,
            listed=True,
            attributes={"inputmode": "numeric"},
        ),
        Field(
            "fallback_hours",
            N_("Ordered elsewhere after (hours)"),
            N_("So long after the deadline what is not answered is ordered from the fallback supplier. "
               "Empty: only when somebody clicks."),
            "number",
            listed=True,
            attributes={"inputmode": "numeric"},
        ),
    ),
)  # fmt: skip
router = pages_of(SECTION)
