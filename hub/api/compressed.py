"""Codes that are compressed as a whole: one word behind the resolver's root, tried when no page has that name."""

from fastapi import Request, Response
from starlette.convertors import Convertor, register_url_convertor

from hub.api import resolver
from hub.api.resolver import NoSuchLink
from hub.errors import NotFound
from hub.gs1.digital_link import BadKey
from hub.gs1.syntax import compression
from hub.web.deps import PUBLIC
from hub.web.problems import problems
from hub.web.routing import Router, parameter

router = Router(tags=["Digital Link"])


class _Word(Convertor[str]):
    """A word that begins as compressed links do. The shortest that names a key has ten signs."""

    regex = f"(?:{compression.BEGINS})[A-Za-z0-9_-]{{8,}}"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("gs1word", _Word())
_PATH = "/{word:gs1word}"


class NoCompressedLink(NotFound):
    """There is no page of this name, and it is no compressed GS1 Digital Link either: %(why)s."""

    code = "no-compressed-link"


@router.get(
    _PATH,
    dependencies=[PUBLIC],
    responses=problems(NoCompressedLink, NoSuchLink),
    openapi_extra={"parameters": [parameter("word", "path"), *resolver.ASKED]},
)
async def resolve(request: Request) -> Response:
    """Lead the scan of a compressed code on as that of the same code when it is not compressed.

    The answer names the uncompressed code in its `Link` header, as `owl:sameAs`.
    """
    try:
        answer = await resolver.led(request)
    except BadKey as wrong:
        raise NoCompressedLink(why=wrong.detail) from wrong
    answer.headers.update(resolver.FROM_ANYWHERE)
    return answer


router.add_api_route(
    _PATH, resolver.allowed, methods=["OPTIONS"], dependencies=[PUBLIC], status_code=204, include_in_schema=False
)
