"""Documents of the trade as programs get them: XML to take away."""

import re

from fastapi.responses import Response

from hub.ubl import writing
from hub.ubl.papers import Paper

ALONE = "default-src 'none'; sandbox"
"""What such a file may do in a browser: nothing."""


class Xml(Response):
    """A document in XML; a browser keeps it as a file and never shows it as a page of ours."""

    media_type = "application/xml"

    @classmethod
    def of(cls, paper: Paper) -> "Xml":
        """A document in UBL, under its own number."""
        return cls.kept(writing.written(paper), paper.number)

    @classmethod
    def kept(cls, content: bytes, name: str) -> "Xml":
        """A file as it stands."""
        file = re.sub(r"[^\w.-]+", "-", name, flags=re.ASCII).strip("-.")[:80] or "document"
        return cls(
            content,
            headers={
                "Content-Disposition": f'attachment; filename="{file}.xml"',
                "Content-Security-Policy": ALONE,
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": "private, no-store",
            },
        )
