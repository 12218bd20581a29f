"""What a PDF says and how its pages look.

A PDF comes from anywhere, and what reads it is a large library in C++: so it is read in a process of its own
(``alone.py``), which has no secrets and little to spend.
"""

import base64
import json
import subprocess
import sys
from dataclasses import dataclass

from hub.errors import HubError
from hub.pdf import alone


class PdfUnreadable(HubError):
    """This PDF cannot be read: it is damaged, locked by a password, or too large. Enter its values yourself."""

    code, status = "pdf-unreadable", 422


@dataclass(frozen=True)
class PdfPage:
    """A page: the text of its text layer, line by line (empty where it is only a picture), and a PNG of it."""

    text: str
    png: bytes


def pages(content: bytes) -> list[PdfPage]:
    """The first pages of a PDF."""
    command = [sys.executable, "-I", alone.__file__]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=alone.SECONDS, env={}, check=True)
        told = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError) as problem:
        raise PdfUnreadable from problem
    return [PdfPage(page["text"], base64.b64decode(page["png"])) for page in told]
