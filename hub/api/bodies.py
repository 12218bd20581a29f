"""What is sent to addresses that take JSON alone, as it came."""

from typing import Annotated

from fastapi import Depends, Request

from hub.api import spoken
from hub.web.problems import WrongContentType


async def raw_json(request: Request) -> bytes:
    """The body as it was sent, refused unless it says it is JSON."""
    kind = spoken.kind_of(request)
    if kind not in (spoken.JSON, spoken.LD):
        raise WrongContentType(f"Content-Type: {kind or '?'}", wanted=f"{spoken.JSON}, {spoken.LD}")
    return await request.body()


RawJson = Annotated[bytes, Depends(raw_json)]
