"""All links of a key as one document (RFC 9264), in the shape of GS1's linkset schema; and the resolver's own.

GS1's schema needs a description of the item and a title of each link: where nobody said one, the code itself stands
there, and the link's type. It has no word for a language that is not determined, which is left out.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from hub.gs1.syntax import identifiers
from hub.resolver.choosing import VOCABULARY, Target, uri

MEDIA_TYPE = "application/linkset+json"
_UNDETERMINED = "und"
CONTEXT = "https://ref.gs1.org/standards/resolver/linkset-context"
CONTEXT_LINK = f'<{CONTEXT}>; rel="http://www.w3.org/ns/json-ld#context"; type="application/ld+json"'


def document(root: str, targets: Sequence[Target], description: str = "") -> dict[str, Any]:
    """The linkset of targets on a resolver's ``root``: what is kept for each anchor, the nearest to the pack first."""
    anchors = dict.fromkeys(target.anchor for target in sorted(targets, key=lambda target: target.level))
    return {"linkset": [_of(root, anchor, targets, description) for anchor in anchors]}


def _of(root: str, anchor: str, targets: Sequence[Target], description: str) -> dict[str, Any]:
    mine = [target for target in targets if target.anchor == anchor]
    told: dict[str, Any] = {"anchor": root + anchor, "itemDescription": description or anchor}
    if defaults := [target for target in mine if target.is_default]:
        told[f"{VOCABULARY}defaultLink"] = [_link(defaults[0])]
        if len(defaults) > 1:
            told[f"{VOCABULARY}defaultLinkMulti"] = [_link(target) for target in defaults]
    for target in mine:
        told.setdefault(uri(target.link_type), []).append(_link(target))
    return told


def _link(target: Target) -> dict[str, Any]:
    said: Mapping[str, Any] = {
        "title": target.title or target.link_type,
        "type": target.media_type,
        "hreflang": [language for language in target.languages if language != _UNDETERMINED],
        "context": list(target.contexts),
    }
    return {"href": target.href} | {name: value for name, value in said.items() if value}


def description(root: str, name: str) -> dict[str, Any]:
    """What the resolver says of itself at ``/.well-known/gs1resolver``."""
    return {
        "name": name,
        "resolverRoot": root,
        "supportedPrimaryKeys": sorted(identifiers.primary_keys()),
        "supportedLinkType": [{"namespace": VOCABULARY, "prefix": "gs1:"}],
        "linkTypeDefaultCanBeLinkset": False,
        "jsonLdContextLocation": CONTEXT,
        "contact": {"fn": name},
    }
