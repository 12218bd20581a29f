"""The pages of a register: its list, one thing of it, and sheets taken away and in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, File, Form, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session, col, select

from hub import pictures
from hub.access import Actor, Permission
from hub.errors import HubError, NotFound
from hub.models.access import AuditEntry, Upload
from hub.models.base import now
from hub.models.party import Organization, User
from hub.pages.settings.registers import register_view as view
from hub.pages.settings.registers.section import Section
from hub.registry import register as registers
from hub.registry import sheets
from hub.registry.register import Doubt, as_text
from hub.trace import master_data
from hub.web import uploads
from hub.web.deps import ActorDep, LanguageDep, ListQuery, SessionDep, requires
from hub.web.export import MOST_ROWS, csv_file, xlsx_file
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.i18n import N_, Language
from hub.web.routing import Router
from hub.web.templating import go, page

_PAST = 20
_CLEAN = {"file": pictures.paper, "picture": pictures.picture}


def pages_of(section: Section) -> Router:
    """The routes of a section."""
    router = Router(prefix=section.path, dependencies=[requires(Permission.KEEP_MASTER_DATA)], include_in_schema=False)
    register = section.register
    form_dep = filled(register.form)

    @router.get("")
    def show_list(
        request: Request,
        actor: ActorDep,
        session: SessionDep,
        speaks: LanguageDep,
        query: Annotated[ListQuery, Query()],
    ) -> HTMLResponse:
        """The list."""
        found = register.page(session, actor, query.search())
        own = session.get_one(Organization, actor.organization_id)
        kept = [_kept(session, section, row, own) for row in found.rows]
        chart = section.chart(session, actor, speaks, None) if section.chart else None
        return page(
            request, "settings/registers/register.html", list=view.register_page(section, found, kept, speaks, chart)
        )

    add_sheets(router, section)

    def sent(request: Request, session: SessionDep, actor: ActorDep, form: Annotated[Filled[Any], form_dep]) -> Desk:
        return Desk(request, session, actor, section, form)

    def opened(request: Request, session: SessionDep, actor: ActorDep, form: EmptyForm) -> Desk:
        return Desk(request, session, actor, section, form)

    @router.get("/new")
    def ask_for_new(desk: Annotated[Desk, Depends(opened)]) -> HTMLResponse:
        """A form for one more."""
        return desk.show(None)

    @router.post("/new")
    def add(desk: Annotated[Desk, Depends(sent)]) -> Response:
        """Keep one more."""
        desk.take_files()
        form, doubts = desk.form, desk.doubts(None)
        if form.read is not None and not doubts:
            with form.attempt(desk.session, otherwise=register.key):
                register.add(desk.session, desk.actor, form.read)
                return go(desk.request, section.path, toast=form.language.gettext(section.words.added))
        return desk.show(None, doubts)

    @router.get("/{row_id}")
    def show_row(row_id: UUID, desk: Annotated[Desk, Depends(opened)]) -> HTMLResponse:
        """One of them, to be changed."""
        return desk.show(desk.find(row_id))

    @router.post("/{row_id}")
    def change(row_id: UUID, desk: Annotated[Desk, Depends(sent)]) -> Response:
        """Say anew what it is."""
        row = desk.find(row_id)
        desk.take_files()
        form, doubts = desk.form, desk.doubts(row)
        if form.read is not None and not doubts:
            with form.attempt(desk.session, otherwise=register.key):
                register.change(desk.session, desk.actor, row, form.read)
                return go(desk.request, f"{section.path}/{row_id}", toast=form.language.gettext(N_("Saved.")))
            desk.session.refresh(row)
        return desk.show(row, doubts)

    @router.post("/{row_id}/end")
    def end(row_id: UUID, desk: Annotated[Desk, Depends(opened)]) -> Response:
        """It is no more from today on."""
        return desk.end(desk.find(row_id), over=True)

    @router.post("/{row_id}/again")
    def again(row_id: UUID, desk: Annotated[Desk, Depends(opened)]) -> Response:
        """It goes on."""
        return desk.end(desk.find(row_id), over=False)

    return router


def add_sheets(router: Router, section: Section) -> None:
    """The routes of a section's sheets: taken away, an empty one, and one taken in."""
    register = section.register

    @router.get("/export.{kind}")
    def export(
        kind: str, actor: ActorDep, session: SessionDep, speaks: LanguageDep, query: Annotated[ListQuery, Query()]
    ) -> Response:
        """The list, narrowed as it is, as a sheet that can be changed and taken in again."""
        narrowed = query.q or query.state or query.sort
        listed = register.page(session, actor, query.search(MOST_ROWS + 1)).rows if narrowed else None
        rows = [
            [_written(section, each.name, said, speaks) for each in section.written]
            for row in (register.all(session, actor) if listed is None else listed)
            if (said := register.values(session, row)) is not None
        ]
        title = speaks.gettext(section.words.title)
        if kind == "csv":
            return csv_file(title, [speaks.gettext(each.label) for each in section.written], rows)
        if kind == "xlsx":
            return _sheet(section, title, actor, rows, speaks)
        raise NotFound

    @router.get("/template.xlsx")
    def template(actor: ActorDep, speaks: LanguageDep) -> Response:
        """An empty sheet with its columns explained."""
        return _sheet(section, speaks.gettext(section.words.title), actor, [], speaks)

    @router.get("/import")
    def ask_for_sheet(request: Request, speaks: LanguageDep, form: EmptyForm) -> HTMLResponse:
        """Where a sheet is uploaded."""
        return _ask(request, section, form, speaks)

    @router.post("/import")
    def look_at_sheet(
        request: Request,
        actor: ActorDep,
        session: SessionDep,
        form: EmptyForm,
        file: Annotated[UploadFile | None, File()] = None,
        pasted: Annotated[str, Form()] = "",
    ) -> Response:
        """Look at a sheet before it is taken in."""
        content = file.file.read(sheets.MOST_BYTES + 1) if file else b""
        form.values["file"] = name = (file.filename if file else "") or ""
        if not content and pasted.strip():
            content, name = pasted.encode(), form.language.gettext(N_("Pasted lines"))
        form.values["pasted"] = pasted
        with form.attempt(session, otherwise="file"):
            rows = sheets.read(content, section.columns(form.language))
            intake = registers.attempt(session, actor, register, rows)
            upload = Upload(owner_id=actor.organization_id, kind=register.name, name=name[:200], content=content)
            session.add(upload)
            session.flush()
            address = f"{section.path}/import/{upload.id}"
            shown = view.intake_page(section, name, intake, address, form.language)
            return page(
                request,
                "settings/registers/intake.html",
                status=422 if intake.wrong else 200,
                form=form,
                intake=shown,
                frame=section.frame,
            )
        return _ask(request, section, form, form.language)

    @router.post("/import/{upload_id}")
    def take_sheet(
        request: Request, upload_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep
    ) -> Response:
        """Take a sheet in that was looked at; once taken it is forgotten."""
        upload = session.get(Upload, upload_id, with_for_update=True)  # of two clicks the second finds it taken
        if upload is None or upload.kind != register.name or upload.owner_id != actor.organization_id:
            return go(request, section.list_at, toast=speaks.gettext(N_("This sheet was taken in already.")))
        rows = sheets.read(upload.content, section.columns(speaks))
        intake = registers.take(session, actor, register, rows)
        session.delete(upload)
        toast = speaks.ngettext("%(num)s row taken in.", "%(num)s rows taken in.", len(intake.added) + intake.changed)
        return go(request, section.list_at, toast=toast)


def _ask(request: Request, section: Section, form: Filled[Any], speaks: Language) -> HTMLResponse:
    return page(
        request,
        "settings/registers/import.html",
        status=422 if form.errors else 200,
        form=form,
        title=speaks.gettext("Import: %(what)s", what=speaks.gettext(section.words.title)),
        section=speaks.gettext(section.words.title),
        path=section.path,
        list_at=section.list_at,
        frame=section.frame,
    )


@dataclass(frozen=True)
class Desk:
    """A section's form, and who fills it in."""

    request: Request
    session: Session
    actor: Actor
    section: Section
    form: Filled[Any]

    @property
    def own(self) -> Organization:
        """Whose the section is."""
        return self.session.get_one(Organization, self.actor.organization_id)

    def find(self, row_id: UUID) -> Any:
        """One of the organisation's own."""
        return self.section.register.find(self.session, self.actor, row_id)

    def take_files(self) -> None:
        """Keep the files that were chosen, so that none is lost while the rest of the form is put right."""
        for each in self.section.uploads:
            uploads.take(self.session, self.form, each.name, _CLEAN[each.kind])

    def doubts(self, row: Any | None) -> Sequence[Doubt]:
        """What is asked once before a form is kept: whoever ticks that it is meant so is not asked again."""
        if self.form.read is None or self.form.value("sure"):
            return ()
        return self.section.register.doubts(self.session, self.actor, self.form.read, row)

    def end(self, row: Any, *, over: bool) -> Response:
        """Let a row end today, or go on, and say so on its page."""
        session, section, speaks = self.session, self.section, self.form.language
        address = f"{section.path}/{row.id}"
        try:
            with session.begin_nested():
                section.register.end(session, self.actor, row, self.own.day(now()) if over else None)
        except HubError as refusal:
            return go(self.request, address, toast=speaks.sentence(refusal.sentence, refusal.values))
        return go(self.request, address, toast=speaks.gettext(section.words.ended if over else N_("Saved.")))

    def show(self, row: Any | None, doubts: Sequence[Doubt] = ()) -> HTMLResponse:
        """The form with a row, or for a new one, and what is wrong or asked."""
        session, actor, section, form = self.session, self.actor, self.section, self.form
        speaks, register = form.language, section.register
        said = register.values(session, row) if row is not None else register.first(session, actor)
        choices = {each.name: each.choices(register, actor, speaks) for each in section.fields if each.options}
        for name, things in register.offered(session, actor).items():
            choices[name] = [("", "–"), *((value, speaks.name(thing)) for value, thing in things)]
        inputs = [each for each in view.inputs_of(section, said, choices, speaks) if register.asks(actor, each.name)]
        told = told_of(session, section, row, speaks) if row is not None else view.Told()
        kept = _kept(session, section, row, self.own) if row is not None else None
        chart = section.chart(session, actor, speaks, row) if section.chart else None
        shown = replace(view.row_page(section, inputs, kept, told, speaks), chart=chart)
        asked = [view.doubt_of(doubt, speaks) for doubt in doubts]
        status = 422 if form.errors or asked else 200
        return page(self.request, "settings/registers/row.html", status=status, form=form, row=shown, doubts=asked)


def told_of(session: Session, section: Section, row: Any, speaks: Language) -> view.Told:
    """What was done to a row, the latest first, and what the ledger holds of it."""
    own = session.get_one(Organization, row.owner_id)
    past = view.past_of(section, _trail(session, section, row), own, speaks)
    history = master_data.history(session, row) if row.stated and own.member else None
    return view.Told(past, view.record_of(history, speaks) if history is not None else "")


def _kept(session: Session, section: Section, row: Any, own: Organization) -> view.Kept:
    register = section.register
    label = register.label_of(session, row)
    return view.Kept(row, register.thing(session, row), label, register.values(session, row), own.day(now()))


def _trail(session: Session, section: Section, row: Any) -> list[tuple[AuditEntry, str]]:
    """What was done to a row, the latest first, and who did it."""
    statement = (
        select(AuditEntry, User.name)
        .join(User, col(User.id) == col(AuditEntry.created_by), isouter=True)
        .where(
            col(AuditEntry.owner_id) == row.owner_id,
            section.register.trail(session, row),
            col(AuditEntry.action).startswith(f"{section.register.name}."),
        )
        .order_by(col(AuditEntry.id).desc())
        .limit(_PAST)
    )
    return [(entry, name or "") for entry, name in session.exec(statement).all()]


def _written(section: Section, name: str, said: dict[str, Any], speaks: Language) -> str:
    text = as_text(said[name])
    return next(each.said(text, speaks) for each in section.fields if each.name == name)


def _sheet(section: Section, title: str, actor: Actor, rows: list[list[str]], speaks: Language) -> Response:
    headings = [
        sheets.Heading(
            speaks.gettext(each.label),
            " ".join(filter(None, [speaks.gettext(each.hint) if each.hint else "", *_needed(each.required, speaks)])),
            [word for _, word in each.choices(section.register, actor, speaks)],
            free=each.kind == "several",
        )
        for each in section.written
    ]
    return xlsx_file(title, headings, rows, notes=speaks.gettext("Columns"))


def _needed(required: bool, speaks: Language) -> list[str]:
    return [speaks.gettext("Needed.")] if required else []
