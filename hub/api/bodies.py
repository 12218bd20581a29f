"""What is sent to EPCIS's addresses, as it came."""

from typing import Annotated

from fastapi import Depends, Request

from hub.api import answers
from hub.web.problems import WrongContentType


async def raw_json(request: Request) -> bytes:
    """The body as it was sent, refused unless it says it is JSON."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("application/json", answers.JSON_LD):
        raise WrongContentType(f"Content-Type: {kind or '?'}", wanted=f"application/json, {answers.JSON_LD}")
    return await request.body()


RawJson = Annotated[bytes, Depends(raw_json)]
