"""How a supplier delivers: how soon, on which days, and from what sum on."""

from hub.pages.settings.registers.register_pages import pages_of
from hub.pages.settings.registers.section import Field, Section, Words
from hub.registry.terms import Terms
from hub.web.i18n import N_, NN_
from hub.web.words import WEEKDAYS

SECTION = Section(
    register=Terms(),
    path="/settings/terms",
    words=Words(
        title=N_("Delivery terms"),
        add=N_("Add terms"),
        added=N_("The terms hold from now on: orders that do not keep them are refused."),
        end=N_("End these terms"),
        end_text=N_("From now on those for every buyer hold, if there are any. You can take them up again."),
        ended=N_("These terms hold no more."),
        again=N_("Take them up again"),
        counted=NN_("Terms for %(num)s.", "Terms for %(num)s."),
        search=N_("Buyer"),
        nothing=(N_("No terms yet."), N_("Until there are some, every order reaches you, for whatever day and sum.")),
    ),
    fields=(
        Field("buyer", N_("Buyer's GLN"), N_("Without one the terms are for every buyer that has none of its own.")),
        Field(
            "lead_days",
            N_("Lead time (days)"),
            N_("From the day of the order to that of the delivery."),
            "number",
            required=True,
            listed=True,
            attributes={"inputmode": "numeric"},
        ),
        Field(
            "weekdays",
            N_("Delivery days"),
            N_("Without any, every day."),
            "several",
            options=WEEKDAYS,
            listed=True,
        ),
        Field(
            "minimum",
            N_("Minimum order (¥)"),
            N_("Before tax."),
            "money",
            listed=True,
            attributes={"inputmode": "decimal", "autocomplete": "off"},
        ),
        Field(
            "days_off",
            N_("Days without deliveries"),
            N_("Such as 2027-01-01, 2027-02-05 ~ 2027-02-12."),
            attributes={"autocomplete": "off"},
        ),
    ),
)
router = pages_of(SECTION)
