"""The only door to Jinja2: pages and their parts, in the language of whoever reads them."""

import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import HTTPConnection

from hub.gs1 import digital_link
from hub.settings import SHARE, settings
from hub.web import drawing, guides, nav
from hub.web.i18n import COOKIE, Language, choose, language
from hub.web.static import static

_FILTERS = (
    "name", "organization", "day", "long_date", "clock", "moment", "window", "span", "due", "ago", "number", "signed",
    "percent", "unit", "quantity", "temperature", "money", "week",
)  # fmt: skip
TOAST = "toast"
"""The cookie of a word about what was done, shown once."""
_HTMX = json.dumps(
    {
        "allowEval": False,
        "includeIndicatorStyles": False,
        "allowScriptTags": False,
        "historyCacheSize": 0,
        "refreshOnHistoryMiss": True,
        "responseHandling": [
            {"code": "204", "swap": False},
            {"code": "[23]..", "swap": True},
            {"code": "[45]..", "swap": True, "error": True},
        ],
    }
)
"""What htmx may do: run nothing, keep no page, and swap a refusal in like any other part."""


@lru_cache
def _environment(code: str) -> Environment:
    """One environment a language: its sentences and its filters are bound when it is made."""
    speaks = language(code)
    environment = Environment(
        loader=FileSystemLoader(SHARE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=settings().environment == "development",
    )
    environment.install_gettext_translations(speaks.translations, newstyle=True)  # type: ignore[attr-defined]
    # Jinja's own would print as HTML whatever is said through it, and read any % in it: also what a record says.
    environment.globals |= {"gettext": _speaking(speaks), "ngettext": _counting(speaks)}
    environment.filters |= {name: getattr(speaks, name) for name in _FILTERS} | {"gtin": digital_link.printed}
    environment.globals |= {
        "language": speaks,
        "static": static,
        "nav_links": nav.links,
        "nav_current": nav.current,
        "nav_shortcuts": nav.shortcuts,
        "settings_links": nav.settings_links,
        "settings_current": nav.settings_current,
        "help_for": guides.help_for,
        "role_names": nav.ROLES,
        "initials": _initials,
        "draw": drawing,
        "settings": settings(),
        "htmx_config": _HTMX,
    }
    return environment


def _speaking(speaks: Language) -> Callable[..., Markup]:
    def gettext(sentence: str, /, **values: Any) -> Markup:
        return _put(speaks.translations.gettext(sentence), values)

    return gettext


def _counting(speaks: Language) -> Callable[..., Markup]:
    def ngettext(one: str, many: str, num: int, /, **values: Any) -> Markup:
        return _put(speaks.translations.ngettext(one, many, num), {"num": num, **values})

    return ngettext


def _put(sentence: str, values: dict[str, Any]) -> Markup:
    """A sentence as HTML, with its values: no sentence of ours holds any, so all of it is text."""
    return escape(sentence) % values if values else escape(sentence.replace("%%", "%"))


def _initials(name: str) -> str:
    """The family name of a Chinese name, else up to two initials."""
    if name and not name[0].isascii():
        return name[0]
    return "".join(word[0] for word in name.split()[:2]).upper()


def language_of(request: HTTPConnection) -> Language:
    """The language this request is answered in."""
    actor = getattr(request.state, "actor", None)
    chosen = request.cookies.get(cookie_name(COOKIE))
    return choose(chosen, actor.language if actor else "", request.headers.get("accept-language"))


def cookie_name(name: str) -> str:
    """A cookie's name: over TLS one that no other host or path can set."""
    return f"__Host-{name}" if settings().secure else name


def set_cookie(response: Response, name: str, value: str, seconds: int | None = None) -> None:
    """Set a cookie that scripts cannot read and other sites' requests do not carry."""
    response.set_cookie(
        cookie_name(name), value, max_age=seconds, httponly=True, samesite="lax", secure=settings().secure
    )


def render(request: Request, template: str, **context: Any) -> str:
    """The text of a template in the reader's language."""
    speaks = language_of(request)
    shared = {
        "request": request,
        "actor": getattr(request.state, "actor", None),
        "toast": unquote(request.cookies.get(cookie_name(TOAST), "")),
    }
    return _environment(speaks.code).get_template(template).render({**shared, **context})


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **context: Any,
) -> HTMLResponse:
    """A page, or the part of one that htmx asked for."""
    response = HTMLResponse(render(request, template, **context), status, headers)
    response.headers["Content-Language"] = language_of(request).tag
    response.headers["Vary"] = "Accept-Language, Cookie, HX-Request"
    if cookie_name(TOAST) in request.cookies and not wants_part(request):
        response.delete_cookie(cookie_name(TOAST), secure=settings().secure, httponly=True, samesite="lax")
    return response


def wants_part(request: HTTPConnection) -> bool:
    """Whether htmx asks, and so for a part of the page."""
    return "hx-request" in request.headers and "hx-boosted" not in request.headers


def go(request: Request, address: str, toast: str = "") -> Response:
    """Send the browser on after a form was done, with a word about what happened.

    ``address`` is one of our own paths. htmx is told to go there too, since it would put the next page into this one.
    """
    response: Response
    if wants_part(request):
        response = Response(status_code=204, headers={"HX-Redirect": address})
    else:
        response = RedirectResponse(address, 303)
    if toast:
        set_cookie(response, TOAST, quote(toast), seconds=60)
    return response


def tell(response: Response, toast: str) -> Response:
    """Say a word about what happened beside a part that htmx swaps in."""
    response.headers["HX-Trigger"] = json.dumps({"toast": toast})
    return response


def own_path(address: str | None, otherwise: str = "/") -> str:
    """``address`` if it is a path of ours, so that nobody is sent to another site after signing in."""
    if address and address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable():
        return address
    return otherwise
