"""Files of static/: each address carries the version of all of them, so that a browser may keep them for good."""

import hashlib
import re
from functools import lru_cache

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import NotModifiedResponse, StaticFiles
from starlette.types import Scope

from hub.settings import SHARE, settings

FOLDER = SHARE / "static"
STYLES = "app.css"
_IMPORT = re.compile(r'@import url\("([^"]+)"\)(?: layer\((\w+)\))?;\n')


@lru_cache
def version() -> str:
    """A hash over the folder as it was when this process began."""
    digest = hashlib.sha256()
    for path in sorted(FOLDER.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(FOLDER).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def static(name: str) -> str:
    """The address of a static file. What it imports by a relative address carries the same version."""
    return f"/static/{version()}/{name}"


def styles() -> str:
    """The style sheet with what it imports in the imports' place: a page waits for one file instead of twenty."""

    def imported(match: re.Match[str]) -> str:
        text = (FOLDER / match[1]).read_text(encoding="utf-8").removeprefix('@charset "UTF-8";')
        return f"@layer {match[2]} {{\n{text}\n}}\n" if match[2] else text

    return _IMPORT.sub(imported, (FOLDER / STYLES).read_text(encoding="utf-8"))


class VersionedFiles(StaticFiles):
    """Serves ``/static/<version>/<name>``; an older page may still ask by the version it knew."""

    def __init__(self) -> None:
        super().__init__(directory=FOLDER)

    def get_path(self, scope: Scope) -> str:
        """The path under the folder, without the version."""
        return super().get_path(scope).partition("/")[2]

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file; kept for good where its address is this version's, revalidated where files still change."""
        response = self._styles(scope) if path == STYLES else await super().get_response(path, scope)
        kept = settings().environment != "development" and f"/{version()}/" in scope["path"]
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if kept else "no-cache"
        return response

    def _styles(self, scope: Scope) -> Response:
        text = styles().encode()
        headers = {"ETag": f'"{hashlib.sha256(text).hexdigest()[:16]}"'}
        response = Response(text, media_type="text/css", headers=headers)
        if self.is_not_modified(response.headers, Headers(scope=scope)):
            return NotModifiedResponse(response.headers)
        return response
