"""Who else hears of an order that nobody has answered."""

from hub.pages.settings.registers.register_pages import pages_of
from hub.pages.settings.registers.section import Field, Section, Words
from hub.web.i18n import N_, NN_
from supplier_portal.orders.deadlines.registers import SecondPersons

SECTION = Section(
    register=SecondPersons(),
    path="/settings/second-person",
    words=Words(
        title=N_("Second person"),
        add=N_("Name a second person"),
        added=N_("They are told of orders that nobody has answered."),
        end=N_("Name nobody"),
        end_text=N_("Administrators are told once an answer is overdue, as where nobody is named."),
        ended=N_("Nobody is named any more."),
        again=N_("Name them again"),
        counted=NN_("%(num)s second person.", "%(num)s second persons."),
        search=N_("Buyer"),
        nothing=(N_("Nobody is named yet."), N_("Administrators are told once an answer is overdue.")),
    ),
    fields=(
        Field("buyer", N_("Buyer's GLN"), N_("Without one it is for every buyer that has none of its own.")),
        Field(
            "person",
            N_("Who"),
            N_("Without anybody, your administrators. In a sheet: the e-mail address."),
            "choice",
            listed=True,
        ),
        Field(
            "hours_before",
            N_("Hours before the deadline"),
            N_("0: once it has passed."),
            "number",
            listed=True,
            attributes={"inputmode": "numeric"},
        ),
    ),
)
router = pages_of(SECTION)
