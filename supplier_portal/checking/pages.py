"""Where a supplier looks at a file of events before it is captured, and captures it whole."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import File, Request, UploadFile
from fastapi.responses import Response

from hub.access import Permission
from hub.errors import HubError
from hub.settings import settings
from hub.trace.trying import files
from hub.web.deps import ActorDep, LanguageDep, SessionDep, requires
from hub.web.forms import EmptyForm, Filled
from hub.web.routing import Router
from hub.web.templating import go, page
from supplier_portal.checking import view

router = Router(
    prefix=view.PATH,
    dependencies=[requires(Permission.CAPTURE_EVENTS), requires(Permission.PUBLISH_EVENTS)],
    include_in_schema=False,
)


@router.get("")
def ask_for_file(request: Request, form: EmptyForm) -> Response:
    """Where a file is chosen."""
    return _ask(request, form)


@router.post("")
def look_at_file(
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: EmptyForm,
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Say what a capture would say of a file; it is kept only where nothing in it would be refused."""
    content = file.file.read(settings().body_limit + 1) if file else b""
    name = (file.filename if file else "") or ""
    with form.attempt(session, otherwise="file"):
        look = files.look(session, actor, content)
        address = f"{view.PATH}/{files.keep(session, actor, name, content).id}" if look.good else ""
        shown = view.check_page(name, look, address, form.language)
        status = 200 if look.good else 422
        return page(
            request, "checking/check.html", status=status, form=form, check=shown, file=view.limits(form.language)
        )
    return _ask(request, form)


@router.post("/{upload_id}")
def capture_file(
    request: Request, upload_id: UUID, actor: ActorDep, session: SessionDep, form: EmptyForm, speaks: LanguageDep
) -> Response:
    """Capture a file that was looked at, whole; it is then forgotten."""
    try:
        with session.begin_nested():
            job = files.take(session, actor, upload_id)
    except files.CapturedAlready as refusal:
        return go(request, "/supplier/records", toast=speaks.sentence(refusal.sentence, refusal.values))
    except HubError as refusal:  # something else has come in between
        form.refuse("file", speaks.sentence(refusal.sentence, refusal.values))
        return _ask(request, form)
    return go(request, "/supplier/records", toast=view.captured(job, speaks))


def _ask(request: Request, form: Filled[Any]) -> Response:
    status = 422 if form.errors else 200
    return page(request, "checking/check.html", status=status, form=form, check=None, file=view.limits(form.language))
