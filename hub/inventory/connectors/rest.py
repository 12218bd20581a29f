"""A core that speaks the hub's REST profile (docs/reference/core-profile.md)."""

from datetime import date
from typing import Any

import httpx2

from hub.inventory.connectors.base import (
    Adjustment,
    CoreItem,
    CorePlace,
    CoreRefused,
    GoodsReceipt,
    LotPage,
    MarkedDown,
    SalesPage,
    StockPage,
    away,
)

PAGE = 50_000
_TIMEOUT = httpx2.Timeout(20, connect=5)
# Anything else that goes wrong, a token that is not let in too, is no fault of what was told: it waits.
_REFUSALS = {400, 404, 409, 413, 415, 422}


class RestCore:
    """Speaks the REST profile over HTTP with a bearer token."""

    def __init__(self, url: str, token: str, timeout: httpx2.Timeout = _TIMEOUT) -> None:
        self._client = httpx2.Client(
            base_url=url.rstrip("/") + "/",
            headers={"Authorization": f"Bearer {token}"},
            timeout=timeout,
            trust_env=False,
        )

    def items(self) -> list[CoreItem]:
        """Every item the core carries."""
        return [
            CoreItem(code=row["code"], gtin=row["gtin"], name=row["name"], unit=row["unit"])
            for row in self._ask("GET", "items")["items"]
        ]

    def places(self) -> list[CorePlace]:
        """Every place the core keeps stock at."""
        return [CorePlace(gln=row["gln"], name=row["name"]) for row in self._ask("GET", "places")["places"]]

    def stock(self, after: str) -> StockPage:
        """Stock that changed after the mark."""
        return StockPage(**self._page("stock", after))

    def lots(self, after: str) -> LotPage:
        """Stock by lot that changed after the mark."""
        return LotPage(**self._page("lots", after))

    def sales(self, after: str) -> SalesPage:
        """Sales that changed after the mark."""
        return SalesPage(**self._page("sales", after))

    def last_sale(self) -> date | None:
        """The newest day of sales, of a core that tells it."""
        try:
            day = self._ask("GET", "sales/latest")["day"]
        except CoreRefused:
            return None
        return date.fromisoformat(day) if day else None

    def receive(self, key: str, receipt: GoodsReceipt) -> str:
        """Book a delivery; the core answers the same key with the same number."""
        body = {
            "reference": receipt.reference,
            "supplier": receipt.supplier,
            "place": receipt.place,
            "received_at": receipt.received_at.isoformat(),
            "lines": [
                {
                    "item": line.item,
                    "lot": line.lot,
                    "best_before": line.best_before.isoformat() if line.best_before else None,
                    "quantity": str(line.quantity),
                    "unit": line.unit,
                }
                for line in receipt.lines
            ],
        }
        return str(self._ask("POST", "receipts", json=body, headers={"Idempotency-Key": key})["number"])

    def adjust(self, key: str, adjustment: Adjustment) -> str:
        """Book a change of stock; the core answers the same key with the same number."""
        body = {
            "reference": adjustment.reference,
            "reason": adjustment.reason,
            "place": adjustment.place,
            "other_place": adjustment.other_place or None,
            "at": adjustment.at.isoformat(),
            "note": adjustment.note,
            "lines": [
                {
                    "item": line.item,
                    "lot": line.lot or None,
                    "best_before": line.best_before.isoformat() if line.best_before else None,
                    "quantity": str(line.quantity),
                    "unit": line.unit,
                }
                for line in adjustment.lines
            ],
        }
        return str(self._ask("POST", "adjustments", json=body, headers={"Idempotency-Key": key})["number"])

    def mark_down(self, key: str, markdown: MarkedDown) -> str:
        """Take a lower price; the core answers the same key with the same number."""
        body = {
            "reference": markdown.reference,
            "place": markdown.place,
            "item": markdown.item,
            "lot": markdown.lot or None,
            "price": str(markdown.price),
            "currency": markdown.currency,
            "ends_on": markdown.ends_on.isoformat(),
            "at": markdown.at.isoformat(),
        }
        return str(self._ask("POST", "markdowns", json=body, headers={"Idempotency-Key": key})["number"])

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def _page(self, feed: str, after: str) -> Any:
        return self._ask("GET", feed, params={"after": after, "limit": str(PAGE)})

    def _ask(self, method: str, path: str, **more: Any) -> Any:
        try:
            answer = self._client.request(method, path, **more)
            if answer.status_code in _REFUSALS:
                raise CoreRefused(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
            answer.raise_for_status()
            return answer.json()
        except (httpx2.HTTPError, ValueError) as error:
            raise away(error, f"{method} {path}") from error
