"""What WebAuthn says and checks of a passkey, by the library of that name: read at the first passkey, not before.

It brings 7 MB with it that a web process without passkeys does not need.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from hub.settings import settings


class Unproved(ValueError):
    """What a device answered does not prove what was asked of it."""


@dataclass(frozen=True)
class Holder:
    """Whose passkey it is to be: who issues it, their number here, and what they are called."""

    issuer: str
    number: bytes
    email: str
    name: str


@dataclass(frozen=True)
class Made:
    """A passkey: its id and public key, and how often it has signed by its own count."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


def to_add(holder: Holder, known: Sequence[bytes], challenge: bytes) -> str:
    """What a browser needs to make a passkey, as JSON; a device that holds one of the known makes none."""
    options = webauthn.generate_registration_options(
        rp_id=_domain(),
        rp_name=holder.issuer,
        user_id=holder.number,
        user_name=holder.email,
        user_display_name=holder.name,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
    )
    return webauthn.options_to_json(options)


def added(credential: dict[str, Any], challenge: bytes) -> Made:
    """The passkey that a browser has made; ``Unproved`` where its answer is not to this challenge, or not here."""
    try:
        made = webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=_domain(),
            expected_origin=_origin(),
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as wrong:
        raise Unproved from wrong
    return Made(made.credential_id, made.credential_public_key, made.sign_count)


def to_sign(known: Sequence[bytes], challenge: bytes) -> str:
    """What a browser needs to sign with a passkey, as JSON: one of the known, or any where none is."""
    options = webauthn.generate_authentication_options(
        rp_id=_domain(),
        challenge=challenge,
        allow_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known] or None,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


def signed(credential: dict[str, Any], challenge: bytes, passkey: Made) -> int:
    """How often a passkey says it has signed now; ``Unproved`` too where that is no more than it said before."""
    try:
        done = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=_domain(),
            expected_origin=_origin(),
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as wrong:
        raise Unproved from wrong
    return done.new_sign_count


def _domain() -> str:
    return urlsplit(settings().base_url).hostname or ""


def _origin() -> str:
    address = urlsplit(settings().base_url)
    return f"{address.scheme}://{address.netloc}"
