"""``make reference``: the pages of docs/reference that follow from the code alone."""

import inspect
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

from hub.errors import HubError
from hub.messages import KINDS

FOLDER = Path(__file__).parents[1] / "docs" / "reference"
PACKAGES = ("hub", "supplier_portal", "logistics", "chain_node")
_NOT_IMPORTED = ("hub.migrations", "hub.local.__main__", "hub.demo.__main__")

_ERRORS = """# Error codes

Every refusal has a stable code and an HTTP status. Programs get them as `application/problem+json`
(RFC 9457) with `code`, `status`, `title`, `detail` and a `request_id`; people get a page that says what to do.
"""
_MESSAGES = """# Messages

What one part of the house tells another through the outbox, handled once in a transaction of its own.
"""


def errors() -> str:
    """The page of error codes: the status and the first words of each refusal's docstring."""
    parts = [_ERRORS]
    for code, kind in sorted(_refusals().items()):
        words = inspect.cleandoc(kind.__doc__ or "").split("\n\n")[0].replace("\n", " ")
        parts.append(f"### `{code}`\n\n{kind.status} — {words}\n")
    return "\n".join(parts)


def messages() -> str:
    """The page of messages: the docstring and the fields of each."""
    parts = [_MESSAGES]
    for name, kind in sorted(KINDS.items()):
        fields = ", ".join(f"`{field}`" for field in kind.__dataclass_fields__)
        parts.append(f"### `{name}`\n\n{inspect.cleandoc(kind.__doc__ or '')}\n\nFields: {fields}.\n")
    return "\n".join(parts)


PAGES = {"errors.md": errors, "messages.md": messages}


def _refusals() -> dict[str, type[HubError]]:
    for package in PACKAGES:
        for module in walk_packages(import_module(package).__path__, package + "."):
            if not module.name.startswith(_NOT_IMPORTED):
                import_module(module.name)
    found: dict[str, type[HubError]] = {}
    waiting = [HubError]
    while waiting:
        kind = waiting.pop(0)
        if kind.code != HubError.code and kind.__module__.startswith(PACKAGES):
            found.setdefault(kind.code, kind)
        waiting.extend(kind.__subclasses__())
    return found


if __name__ == "__main__":
    for name, page in PAGES.items():
        (FOLDER / name).write_text(page(), encoding="utf-8")
