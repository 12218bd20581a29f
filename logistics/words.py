"""Words that several pages of logistics need."""

from hub.models.catalogue import Temperature
from hub.web.i18n import N_

TEMPERATURES = {
    Temperature.AMBIENT: N_("ambient"),
    Temperature.CHILLED: N_("chilled"),
    Temperature.FROZEN: N_("frozen"),
}
