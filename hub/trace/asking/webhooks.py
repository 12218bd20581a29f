"""Telling another's program: one POST to an address of the open internet, signed, and never to a neighbour of ours."""

import hashlib
import hmac
import ipaddress
import socket
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx2

from hub.errors import N_, HubError, Term
from hub.settings import settings

_SECONDS = 10


class BadDestination(HubError):
    """Nothing is sent to this address: %(why)s."""

    code, status, epcis = "bad-destination", 400, "SubscriptionControlsException"


class NotTaken(HubError):
    """What was sent was not taken: %(why)s."""

    code, status = "not-taken", 502


@dataclass(frozen=True)
class Answer:
    """What a program answered: its status, after how many seconds, the beginning of what it said, and to what.

    ``sent`` are the headers as they went out.
    """

    status: int
    seconds: float
    beginning: bytes
    sent: Sequence[tuple[str, str]]

    @property
    def taken(self) -> bool:
        """Whether it took what was sent."""
        return 200 <= self.status < 300


def check(destination: str) -> None:
    """Refuse (``BadDestination``) what is no https address of the open internet."""
    try:
        address = urlsplit(destination)
    except ValueError as problem:
        raise BadDestination(why=Term(N_("it names no host, or a user"))) from problem
    try:
        host, port = address.hostname, address.port
    except ValueError as problem:
        raise BadDestination(why=Term(N_("its port is no number"))) from problem
    if not host or port == 0 or address.username or address.password:
        raise BadDestination(why=Term(N_("it names no host, or a user")))
    if address.scheme != "https" and not (settings().webhooks_to_neighbours and address.scheme == "http"):
        raise BadDestination(why=Term(N_("it does not begin with https://")))
    if len(destination) > 1000:
        raise BadDestination(why=Term(N_("it is longer than 1,000 signs")))
    _resolved(destination)


def send(destination: str, body: bytes, token: str, headers: Mapping[str, str]) -> int:
    """Post a body and return the status; ``NotTaken`` unless it is 2xx. A redirect leads nowhere."""
    answer = post(destination, body, token, headers)
    if not answer.taken:
        raise NotTaken(why=f"HTTP {answer.status}", answered=answer.status)
    return answer.status


def post(destination: str, body: bytes, token: str, headers: Mapping[str, str], *, most: int = 0) -> Answer:
    """Post a body and return what came back, of what it says at most so many bytes; ``NotTaken`` where nothing did.

    The name is looked up once, judged, and the connection made to the very address that was judged.
    """
    address = urlsplit(destination)
    literal = _resolved(destination)
    signed = {"GS1-Signature": signature(body, token)} if token else {}
    host = f"[{literal}]" if ":" in literal else literal
    url = httpx2.URL(destination).copy_with(host=host)
    begun = time.monotonic()
    try:
        with (
            httpx2.Client(timeout=_SECONDS, trust_env=False, follow_redirects=False) as client,
            client.stream(
                "POST",
                url,
                content=body,
                headers={"Accept-Encoding": "identity", **headers, **signed, "Host": address.netloc},
                extensions={"sni_hostname": address.hostname or ""},
            ) as answer,
        ):
            took = time.monotonic() - begun
            said = _beginning(answer, most, begun + _SECONDS)
            return Answer(answer.status_code, took, said, _plain(answer.request.headers.raw))
    except httpx2.HTTPError as problem:
        why = _WHY.get(type(problem).__name__)
        raise NotTaken(why=Term(why) if why else type(problem).__name__) from problem


def _beginning(answer: httpx2.Response, most: int, ends: float) -> bytes:
    """The first bytes of what is answered; whoever says more, or takes too long, is heard no further."""
    said = b""
    if most:
        for chunk in answer.iter_raw(most):
            said += chunk
            if len(said) >= most or time.monotonic() > ends:
                break
    return said[:most]


def _plain(headers: Sequence[tuple[bytes, bytes]]) -> Sequence[tuple[str, str]]:
    return [(name.decode("ascii", "replace"), value.decode("latin-1")) for name, value in headers]


_WHY = {
    "ConnectError": N_("nobody answers there, or not as https"),
    "ConnectTimeout": N_("nobody answered within ten seconds"),
    "ReadTimeout": N_("nobody answered within ten seconds"),
    "WriteTimeout": N_("it was not heard to its end within ten seconds"),
    "RemoteProtocolError": N_("what came back is no HTTP"),
    "ReadError": N_("the connection broke off"),
}
"""Why nothing came back, by the client's own word for it."""


_UNFIT = (
    "its port is no number",
    "it names no host, or a user",
    "it does not begin with https://",
    "it is longer than 1,000 signs",
    "its host is not known",
    "it leads to a private address",
)
"""Why nothing is sent to an address."""


def reason(problem: str) -> HubError | None:
    """The refusal that was written down as a sentence, if it is one of those here: people read it in their language."""
    reasons = [Term(why) for why in dict.fromkeys([*_WHY.values(), *_UNFIT])]
    known = [kind(why=why) for kind in (NotTaken, BadDestination) for why in reasons]
    return next((refusal for refusal in known if refusal.detail == problem), None)


def signature(body: bytes, token: str) -> str:
    """What stands in ``GS1-Signature``: HMAC with SHA-256 of the body, under the subscriber's own token."""
    return "sha256=" + hmac.new(token.encode(), body, hashlib.sha256).hexdigest()


def _resolved(destination: str) -> str:
    """The address behind a destination's name, if all that it leads to lie in the open internet."""
    address = urlsplit(destination)
    try:
        found = socket.getaddrinfo(address.hostname, address.port or 443, type=socket.SOCK_STREAM)
    except (OSError, ValueError) as problem:
        raise BadDestination(why=Term(N_("its host is not known"))) from problem
    literals = [str(entry[4][0]) for entry in found]
    if not settings().webhooks_to_neighbours and not all(_open(literal) for literal in literals):
        raise BadDestination(why=Term(N_("it leads to a private address")))
    return literals[0]


def _open(literal: str) -> bool:
    address = ipaddress.ip_address(literal.partition("%")[0])
    mapped = getattr(address, "ipv4_mapped", None) or address
    return bool(mapped.is_global and not mapped.is_multicast)
