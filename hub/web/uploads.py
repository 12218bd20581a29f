"""Files that are sent with a form, kept before the rest of it is judged: the kit's ``upload`` field."""

from collections.abc import Callable
from typing import Any

from sqlmodel import Session

from hub import documents
from hub.pictures import Clean
from hub.web.forms import Filled


def take(session: Session, form: Filled[Any], name: str, clean: Callable[[bytes], Clean]) -> None:
    """Keep the file that was chosen for a field, as ``clean`` makes it, and let the field say its SHA-256.

    So none is lost while the rest of the form is put right; a file that is refused is said beside its field.
    """
    chosen = form.files.get(f"{name}-new")
    if chosen is not None:
        with form.attempt(session, otherwise=name):
            form.put(name, documents.keep(session, chosen.file.read(), clean).sha256)
    elif form.values.get(f"{name}-gone"):
        form.put(name, "")
