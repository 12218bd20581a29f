"""Files behind certificates and items, by SHA-256: to shoppers what is published, to people what they may read."""

from typing import Annotated

from fastapi import Path
from fastapi.responses import Response

from hub import documents, pictures
from hub.errors import NotFound
from hub.models.catalogue import Document
from hub.web.deps import PUBLIC, SIGNED_IN, PublicSession, SessionDep
from hub.web.problems import problems
from hub.web.routing import Router

_ALONE = "default-src 'none'; sandbox"
"""What a file may do in a browser: nothing, not even as a page of ours."""
_ENDINGS = {pictures.PDF: "pdf", pictures.JPEG: "jpg", pictures.PNG: "png"}
_KEPT = "private, max-age=3600"

router = Router(include_in_schema=False)
Sha256 = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]


@router.get("/files/{sha256}", dependencies=[PUBLIC], responses=problems(NotFound, documents.FileAltered))
def show_published(sha256: Sha256, session: PublicSession) -> Response:
    """The file of a certificate, or the picture of an item, as everybody sees it."""
    return _served(documents.find(session, sha256))


@router.get("/settings/files/{sha256}", dependencies=[SIGNED_IN])
def show_own(sha256: Sha256, session: SessionDep) -> Response:
    """A file of one's own organisation, an earlier one too, or one that a partner states now."""
    return _served(documents.find(session, sha256))


@router.get("/settings/files/{sha256}/small", dependencies=[SIGNED_IN])
def show_small(sha256: Sha256, session: SessionDep) -> Response:
    """The thumbnail of an item's picture."""
    document = documents.find(session, sha256)
    if document.small is None:
        raise NotFound
    return Response(document.small, media_type=pictures.JPEG, headers=_headers("inline"))


def _served(document: Document) -> Response:
    """A file's bytes. Pictures were made anew; what else a PDF holds nobody knows, so it is only ever taken away."""
    name = f"{document.sha256[:12]}.{_ENDINGS[document.media_type]}"
    shown = "attachment" if document.media_type == pictures.PDF else "inline"
    headers = _headers(f'{shown}; filename="{name}"')
    return Response(document.content, media_type=document.media_type, headers=headers)


def _headers(disposition: str) -> dict[str, str]:
    return {
        "Content-Disposition": disposition,
        "Content-Security-Policy": _ALONE,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": _KEPT,
    }
