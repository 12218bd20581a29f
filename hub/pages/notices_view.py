"""What the pages of notices show, said in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from hub.letters import sentence
from hub.lists import CountedPage
from hub.models.notice import Notice, NoticeChoice, NoticeDelivery, NoticeRoute
from hub.models.party import Organization
from hub.notices.kinds import KINDS, Kind
from hub.web.i18n import Language
from hub.web.view import Nothing, Paging, counted_paging


@dataclass(frozen=True)
class Told:
    """A notice: what it is, when, in one sentence and with one button."""

    kind: str
    when: str
    sentence: str
    address: str
    button: str
    unread: bool


@dataclass(frozen=True)
class NoticesPage:
    """What a person was told."""

    lead: str
    unread: bool
    told: Sequence[Told]
    paging: Paging
    nothing: Nothing
    failed: str


@dataclass(frozen=True)
class Row:
    """A kind of notice that matters to a person, and by which ways it goes out."""

    kind: str
    name: str
    mail: bool
    chat: bool


@dataclass(frozen=True)
class ChoicesPage:
    """How a person is told. ``robot`` says that a robot's address is kept, which is not shown again."""

    rows: Sequence[Row]
    mails: bool
    robot: bool
    robots: str
    quiet_from: str
    quiet_to: str
    digest_at: str


def notices_page(
    page: CountedPage[Notice], unread: int, failed: Sequence[NoticeDelivery], own: Organization, speaks: Language
) -> NoticesPage:
    """The list, the newest first."""
    return NoticesPage(
        lead=speaks.ngettext("%(num)s not read yet.", "%(num)s not read yet.", unread)
        if unread
        else speaks.gettext("All of it is read."),
        unread=unread > 0,
        told=[_told(notice, own, speaks) for notice in page.rows],
        paging=counted_paging("/notices?", page, speaks),
        nothing=Nothing(
            speaks.gettext("Nothing needs you now."),
            speaks.gettext("Orders that wait, shortages and recalls are told here as they come."),
        ),
        failed=_failed(failed, speaks),
    )


def _failed(failed: Sequence[NoticeDelivery], speaks: Language) -> str:
    if not failed:
        return ""
    count = speaks.ngettext(
        "%(num)s letter could not be brought to you.", "%(num)s letters could not be brought to you.", len(failed)
    )
    return speaks.paragraph(count, failed[0].error)


def _told(notice: Notice, own: Organization, speaks: Language) -> Told:
    kind = KINDS[notice.kind]
    return Told(
        kind=speaks.gettext(kind.name),
        when=speaks.moment(notice.created_at, own),
        sentence=sentence(notice.sentence, notice.said, speaks),
        address=f"/notices/{notice.id}",
        button=speaks.gettext(kind.button),
        unread=notice.read_at is None,
    )


def choices_page(
    kinds: Mapping[str, Kind],
    chosen: Mapping[str, NoticeChoice],
    route: NoticeRoute,
    ways: tuple[bool, str],
    speaks: Language,
) -> ChoicesPage:
    """How a person is told; ``ways`` are whether there is mail, and which robots can be written to."""
    mails, robots = ways
    return ChoicesPage(
        rows=[
            Row(
                name,
                speaks.gettext(kind.name),
                chosen[name].mail if name in chosen else kind.mail,
                chosen[name].chat if name in chosen else bool(route.chat),
            )
            for name, kind in kinds.items()
        ],
        mails=mails,
        robot=bool(route.chat),
        robots=robots,
        quiet_from=f"{route.quiet_from:%H:%M}" if route.quiet_from else "",
        quiet_to=f"{route.quiet_to:%H:%M}" if route.quiet_to else "",
        digest_at=f"{route.digest_at:%H:%M}" if route.digest_at else "",
    )
