"""The headers of Standard Webhooks 1.0 (https://www.standardwebhooks.com): which message, when, signed. Pure."""

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import datetime

PREFIX = "whsec_"
_BYTES = 32
"""Of a secret; the specification asks for 24 to 64."""


def new_secret() -> str:
    """A secret as programs are given it: ``whsec_`` and its bytes in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def signature(secret: str, message: str, at: datetime, body: bytes) -> str:
    """What stands in ``webhook-signature``: HMAC with SHA-256 over ``id.timestamp.body``.

    Raises ``ValueError`` for what is no secret.
    """
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as problem:
        raise ValueError("a secret is whsec_ and base64") from problem
    signed = f"{message}.{int(at.timestamp())}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers(secret: str, message: str, at: datetime, body: bytes) -> dict[str, str]:
    """The three headers of a message that is sent ``at`` a moment."""
    return {
        "webhook-id": message,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature(secret, message, at, body),
    }
