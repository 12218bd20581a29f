"""The shopper's pages: an item, and one lot of it."""

from hub.pages.product.pages import router
from hub.pages.product.words import WORDS, step_name, test_name, tone

__all__ = ["WORDS", "router", "step_name", "test_name", "tone"]
