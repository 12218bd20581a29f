"""GS1 logistic labels for Zebra printers, A6 at 203 dots an inch; the printer draws the codes. Pure.

Source: ZPL II Programming Guide, ^BC (mode D: GS1-128 with brackets), ^BX.
"""

from hub.trace.labels.logistic import Content, LogisticLabel
from hub.trace.labels.zpl import dots, escaped, fnc1

_WIDTH, _HEIGHT, _MARGIN, _TALL = 105, 148, 4, 24


def labels(label: LogisticLabel, copies: int = 1) -> str:
    """A label, printed so many times."""
    words = [
        (4, 4, f"发货 From {label.sender}"),
        (9, 4, f"收货 To {label.receiver}"),
        (14, 3, f"订单 Order {label.order} {label.dispatch}"),
        (20, 5, f"SSCC {label.sscc}"),
        *((27 + 4.5 * place, 3, _said(content)) for place, content in enumerate(label.contents[:4])),
    ]
    text = "".join(
        f"^FO{dots(_MARGIN)},{dots(up)}^A0N,{dots(size)}^FH^FD{escaped(said)}^FS\n" for up, size, said in words
    )
    codes = "".join(
        f"^FO{dots(_MARGIN)},{dots(_HEIGHT - 34 - 33 * place)}^BY{3 if len(pairs) == 1 else 2}"
        f"^BCN,{dots(_TALL)},Y,N,N,D^FD{''.join(f'({ai}){value}' for ai, value in pairs)}^FS\n"
        for place, pairs in enumerate(reversed(label.codes))
    )
    matrix = f"^FO{dots(_WIDTH - 26)},{dots(18)}^BXN,5,200,,,,_^FD{fnc1(label.whole)}^FS\n"
    return f"^XA^CI28^PW{dots(_WIDTH)}^LL{dots(_HEIGHT)}^PQ{copies}\n{text}{matrix}{codes}^XZ\n"


def _said(content: Content) -> str:
    """A line of a unit in words."""
    day = f" 此前食用 {content.best_before}" if content.best_before else ""
    return f"{content.name_zh} {content.quantity.normalize():f} {content.unit} 批次 {content.lot}{day}"
