"""Imports that leave out what a library takes where it is there, and does not need."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without(package: str) -> Iterator[None]:
    """Import as if a package were missing."""
    known = sys.modules.get(package)
    sys.modules[package] = None  # type: ignore[assignment]  # what `import` takes for missing
    try:
        yield
    finally:
        del sys.modules[package]
        if known is not None:
            sys.modules[package] = known
