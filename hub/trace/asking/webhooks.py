"""Telling another's program: one POST to an address of the open internet, signed, and never to a neighbour of ours."""

import hashlib
import hmac
import ipaddress
import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx2

from hub.errors import HubError
from hub.settings import settings

_SECONDS = 10


class BadDestination(HubError):
    """Nothing is sent to this address: %(why)s."""

    code, status, epcis = "bad-destination", 400, "SubscriptionControlsException"


class NotTaken(HubError):
    """What was sent was not taken: %(why)s."""

    code, status = "not-taken", 502


def check(destination: str) -> None:
    """Refuse (``BadDestination``) what is no https address of the open internet."""
    address = urlsplit(destination)
    try:
        host, port = address.hostname, address.port
    except ValueError as problem:
        raise BadDestination(why="its port is no number") from problem
    if not host or port == 0 or address.username or address.password:
        raise BadDestination(why="it names no host, or a user")
    if address.scheme != "https" and not (settings().webhooks_to_neighbours and address.scheme == "http"):
        raise BadDestination(why="it does not begin with https://")
    if len(destination) > 1000:
        raise BadDestination(why="it is longer than 1,000 signs")
    _resolved(destination)


def send(destination: str, body: bytes, token: str, headers: Mapping[str, str]) -> None:
    """Post a body; ``NotTaken`` unless the answer is 2xx. A redirect leads nowhere.

    The name is looked up once, judged, and the connection made to the very address that was judged.
    """
    address = urlsplit(destination)
    literal = _resolved(destination)
    signed = {"GS1-Signature": signature(body, token)} if token else {}
    host = f"[{literal}]" if ":" in literal else literal
    url = httpx2.URL(destination).copy_with(host=host)
    try:
        with httpx2.Client(timeout=_SECONDS, trust_env=False, follow_redirects=False) as client:
            answer = client.post(
                url,
                content=body,
                headers={**headers, **signed, "Host": address.netloc},
                extensions={"sni_hostname": address.hostname or ""},
            )
    except httpx2.HTTPError as problem:
        raise NotTaken(why=type(problem).__name__) from problem
    if not answer.is_success:
        raise NotTaken(why=f"HTTP {answer.status_code}")


def signature(body: bytes, token: str) -> str:
    """What stands in ``GS1-Signature``: HMAC with SHA-256 of the body, under the subscriber's own token."""
    return "sha256=" + hmac.new(token.encode(), body, hashlib.sha256).hexdigest()


def _resolved(destination: str) -> str:
    """The address behind a destination's name, if all that it leads to lie in the open internet."""
    address = urlsplit(destination)
    try:
        found = socket.getaddrinfo(address.hostname, address.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as problem:
        raise BadDestination(why="its host is not known") from problem
    literals = [str(entry[4][0]) for entry in found]
    if not settings().webhooks_to_neighbours and not all(_open(literal) for literal in literals):
        raise BadDestination(why="it leads to a private address")
    return literals[0]


def _open(literal: str) -> bool:
    address = ipaddress.ip_address(literal.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None) or address
    return bool(mapped.is_global and not mapped.is_multicast)
