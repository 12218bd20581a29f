"""What the dispatcher's board shows of a day, decided and said in the reader's language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from hub.web.drawing import Chart
from hub.web.i18n import Language
from hub.web.view import KeyFigure
from logistics.models import PlanState, RoutePlan
from logistics.plan.board import Board, Tour
from logistics.plan.chart_view import chart
from logistics.plan.left_out_view import Waiting, waiting
from logistics.plan.timeline_view import Timeline, timeline


@dataclass(frozen=True)
class Progress:
    """A plan that is being made: how long it has been searched for, in words and in percent of the time it has."""

    plan_id: UUID
    day: date
    elapsed: str
    label: str
    percent: float


@dataclass(frozen=True)
class Notice:
    """What went wrong with the latest plan."""

    title: str
    text: str
    tone: str


@dataclass(frozen=True)
class BoardPage:
    """A day as its dispatcher sees it; what is empty is not there to be shown.

    ``draft`` is the plan to publish, ``withdrawable`` the one to take back. ``to_plan`` says that shipments came which
    no plan knows, ``to_plan_again`` that all that is left out was tried before.
    """

    day: date
    when: str
    summary: str
    before: date
    after: date
    draft: UUID | None
    to_plan: bool
    to_plan_again: bool
    withdrawable: UUID | None
    progress: Progress | None
    notice: Notice | None
    figures: Sequence[KeyFigure]
    chart: Chart | None
    waiting: Sequence[Waiting]
    timeline: Timeline | None


def board_page(board: Board, speaks: Language, *, today: date, vehicles: Mapping[str, UUID]) -> BoardPage:
    """The board of a day; ``vehicles`` are those of the fleet, by their plates."""
    fresh = [left for left in board.left if left.why is None]
    to_plan = bool(board.left) and not board.planning and board.draft is None
    settled = board.published and not board.draft and not board.planning and not board.under_way
    return BoardPage(
        day=board.day,
        when=_when(board, today, speaks),
        summary=_summary(board, speaks),
        before=board.day - timedelta(days=1),
        after=board.day + timedelta(days=1),
        draft=board.draft.id if board.draft else None,
        to_plan=to_plan and bool(fresh),
        to_plan_again=to_plan and not fresh,
        withdrawable=board.published[0].id if settled else None,
        progress=progress_of(board.latest, speaks, at=board.at) if board.latest and board.planning else None,
        notice=_notice(board.latest, speaks) if board.latest else None,
        figures=_figures(board, speaks) if board.tours else [],
        chart=chart(board, speaks) if board.tours or board.left else None,
        waiting=[waiting(left, board, vehicles, speaks) for left in board.left],
        timeline=timeline(board, speaks) if board.tours else None,
    )


def progress_of(plan: RoutePlan, speaks: Language, *, at: datetime) -> Progress:
    """How far the search for a plan is."""
    gone = (at - plan.begun_at).total_seconds() if plan.begun_at else 0
    share = min(gone / plan.seconds, 1)
    if plan.begun_at:
        elapsed = speaks.gettext("%(gone)s of %(all)s s.", gone=min(int(gone), plan.seconds), all=plan.seconds)
    else:
        elapsed = speaks.gettext("A worker takes it up within a second or two.")
    label = speaks.gettext("%(percent)s of the time is over", percent=speaks.percent(share))
    return Progress(plan.id, plan.day, elapsed, label, round(100 * share, 1))


def _when(board: Board, today: date, speaks: Language) -> str:
    day = speaks.day(board.day)
    if board.day != today:
        return day
    return f"{day}{' ' if speaks.code == 'zh' else ', '}{speaks.clock(board.at, board.haulier)}"


def _summary(board: Board, speaks: Language) -> str:
    """What is true of the day, in one sentence."""
    calls, done = board.calls, [call for call in board.calls if call.done]
    warm, behind = [tour for tour in board.tours if tour.excursions], _behind(board)
    if board.planning:
        return speaks.gettext("Routes for this day are being planned.")
    if board.draft:
        return speaks.gettext("This is a draft: drivers and stores see it once you publish it.")
    if board.left and not board.published:
        return speaks.ngettext(
            "%(num)s shipment waits to be planned.", "%(num)s shipments wait to be planned.", len(board.left)
        )
    if not calls:
        return speaks.gettext("Nothing is to be delivered on this day.")
    if len(done) == len(calls):
        return speaks.gettext("Every stop is done.")
    if warm:
        return speaks.ngettext(
            "%(num)s vehicle carries goods outside their temperature limits.",
            "%(num)s vehicles carry goods outside their temperature limits.",
            len(warm),
        )
    if behind:
        return speaks.ngettext("%(num)s vehicle runs late.", "%(num)s vehicles run late.", len(behind))
    return speaks.gettext(
        "%(done)s of %(all)s stops are done, and no vehicle runs late.", done=len(done), all=len(calls)
    )


def _behind(board: Board) -> list[Tour]:
    return [tour for tour in board.tours if tour.behind(board.at)]


def _notice(plan: RoutePlan, speaks: Language) -> Notice | None:
    if plan.state is PlanState.FAILED and plan.failure:
        return Notice(
            speaks.gettext("These figures cannot be planned with."),
            speaks.gettext("%(where)s: %(figure)s is %(value)s. Put it right and plan again.", **plan.failure),
            "stop",
        )
    if plan.state is PlanState.FAILED:
        return Notice(
            speaks.gettext("Planning came to no end three times."),
            speaks.gettext("Nothing is lost. Plan again; if it happens again, tell your administrator."),
            "stop",
        )
    if plan.state is PlanState.DRAFT and not plan.searched:
        return Notice(
            speaks.gettext("The search for short routes failed."),
            speaks.gettext(
                "These routes keep every rule and are longer than they need be. Plan again for better ones."
            ),
            "warn",
        )
    return None


def _figures(board: Board, speaks: Language) -> list[KeyFigure]:
    """The day in six figures."""
    calls = board.calls
    to_do = [call.ends for call in calls if not call.done]
    in_time = [call for call in calls if not call.too_late]
    warm, behind = [tour for tour in board.tours if tour.excursions], _behind(board)
    return [
        KeyFigure(
            speaks.gettext("Stops on time"),
            speaks.gettext("%(n)s of %(all)s", n=len(in_time), all=len(calls)),
            speaks.percent(len(in_time) / len(calls)),
            "" if len(in_time) == len(calls) else "warn",
        ),
        KeyFigure(
            speaks.gettext("Still to do"),
            str(len(to_do)),
            speaks.gettext("last at %(time)s", time=speaks.clock(max(to_do), board.haulier)) if to_do else "",
            "",
        ),
        KeyFigure(speaks.gettext("Unassigned"), str(len(board.left)), "", "warn" if board.left else ""),
        KeyFigure(
            speaks.gettext("Running late"),
            str(len(behind)),
            f"{behind[0].label}, {speaks.span(behind[0].behind(board.at))}" if behind else "",
            "warn" if behind else "",
        ),
        KeyFigure(
            speaks.gettext("Cold chain"),
            str(len(warm)),
            f"{warm[0].label}, {speaks.temperature(warm[0].alarms[0].celsius)}"
            if warm
            else speaks.gettext("within limits"),
            "stop" if warm else "",
        ),
        KeyFigure(
            speaks.gettext("Distance"),
            speaks.quantity(round(board.metres / 1000), "KMT"),
            speaks.ngettext("%(num)s vehicle", "%(num)s vehicles", len(board.tours)),
            "",
        ),
    ]
