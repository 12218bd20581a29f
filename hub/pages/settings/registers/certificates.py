"""The papers that vouch for an organisation."""

from hub.pages.settings.registers.register_pages import pages_of
from hub.pages.settings.registers.section import Field, Section, Words
from hub.registry.papers import Papers
from hub.web.i18n import N_, NN_

KINDS = (
    ("gap", N_("Good agricultural practice (GAP)")),
    ("organic", N_("Organic product")),
    ("green", N_("Green food")),
    ("haccp", "HACCP"),
    ("iso22000", "ISO 22000"),
    ("licence", N_("Licence to produce or trade food")),
    ("other", N_("Other certificate")),
)
SECTION = Section(
    register=Papers(),
    path="/settings/certificates",
    words=Words(
        title=N_("Certificates"),
        add=N_("Add a certificate"),
        added=N_("The certificate is filed."),
        end=N_("It ends today"),
        end_text=N_("From tomorrow on it is shown as expired. What was recorded of it stays."),
        ended=N_("The certificate ends today."),
        again=N_("It goes on"),
        counted=NN_("%(num)s certificate.", "%(num)s certificates."),
        search=N_("Name, number or issuer"),
        nothing=(N_("No certificate yet."), N_("Shoppers see valid ones on the page behind the code.")),
    ),
    fields=(
        Field("number", N_("Certificate number"), required=True, attributes={"maxlength": "60"}),
        Field("kind", N_("Kind"), kind="choice", options=KINDS, required=True, listed=True),
        Field("name_zh", N_("Chinese name"), required=True, attributes={"maxlength": "120"}),
        Field("name_en", N_("English name"), N_("Without one, English pages show the Chinese name.")),
        Field("issuer", N_("Issued by"), required=True, listed=True),
        Field("valid_from", N_("Valid from"), kind="date", required=True),
        Field("valid_to", N_("Valid to"), N_("Empty: it has no end."), kind="date"),
        Field("file_sha256", N_("File"), N_("PDF, JPEG or PNG, at most 5 MB. Shoppers can open it."), kind="file"),
    ),
)
router = pages_of(SECTION)
