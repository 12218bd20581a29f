"""Verdicts as a table, as totals, and as JSON."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.clauses import Verdict, Weight
from conformance.judging import Judged

_COLOURS = {Verdict.HELD: "green", Verdict.FAILED: "red", Verdict.NOT_OFFERED: "yellow", Verdict.NOT_ASKED: "dim"}


def show(console: Console, judged: Sequence[Judged]) -> None:
    """Print each clause with its verdict, and the totals by resource and by rule, with the day (UTC)."""
    table = Table(show_lines=False)
    for name in ("Clause", "Reference", "Weight", "Verdict"):
        table.add_column(name, overflow="fold")
    for one in judged:
        verdict = Text(one.verdict.value, style=_COLOURS[one.verdict])
        if one.why:
            verdict.append(f": {one.why}", style="default")
        if one.exchange:
            verdict.append(f"\n{one.exchange}", style="dim")
        table.add_row(Text(one.clause.name), Text(one.clause.reference), one.clause.weight.value, verdict)
    console.print(table)
    console.print(_by_resource(judged))
    console.print(_by_rule(judged))


def rule_of(name: str) -> str:
    """The rule that a clause's name begins with; those without one are of operations, exceptions or XML."""
    if numbered := re.match(r"E\d+|TCR-\d+", name):
        return numbered[0]
    return "exceptions" if name.startswith("epcisException:") else "XML" if name.startswith("XML") else "operations"


def _by_rule(judged: Sequence[Judged]) -> Table:
    table = Table(title=f"By rule, {datetime.now(UTC):%d %B %Y}")
    table.add_column("Rule")
    for name in [*Weight, *Verdict]:
        table.add_column(name.value, justify="right")
    for rule in sorted({rule_of(one.clause.name) for one in judged}, key=_in_order):
        _counted(table, rule, [one for one in judged if rule_of(one.clause.name) == rule])
    table.add_section()
    _counted(table, "all", judged)
    return table


def _in_order(rule: str) -> tuple[str, int]:
    word = rule.rstrip("0123456789")
    return word, int(rule.removeprefix(word) or 0)


def _counted(table: Table, name: str, judged: Sequence[Judged]) -> None:
    counted = Counter[str]([one.clause.weight for one in judged] + [one.verdict for one in judged])
    table.add_row(name, *(str(counted[kind] or "") for kind in [*Weight, *Verdict]))


def _by_resource(judged: Sequence[Judged]) -> Table:
    table = Table(title="By resource")
    table.add_column("Resource")
    for verdict in Verdict:
        table.add_column(verdict.value, justify="right")
    table.add_column("must, failed", justify="right")
    resources = list(dict.fromkeys(one.clause.resource for one in judged))
    for resource in resources:
        _row(table, resource, [one for one in judged if one.clause.resource == resource])
    table.add_section()
    _row(table, "all", judged)
    return table


def _row(table: Table, name: str, judged: Sequence[Judged]) -> None:
    counted = Counter(one.verdict for one in judged)
    broken = sum(one.verdict is Verdict.FAILED and one.clause.weight is Weight.MUST for one in judged)
    table.add_row(Text(name), *(str(counted[verdict] or "") for verdict in Verdict), str(broken or ""))


def write(path: Path, judged: Sequence[Judged]) -> None:
    """Write the verdicts down as a JSON list."""
    told = [
        {
            "resource": one.clause.resource,
            "clause": one.clause.name,
            "reference": one.clause.reference,
            "weight": one.clause.weight.value,
            "verdict": one.verdict.value,
            "why": one.why,
            "exchange": one.exchange,
        }
        for one in judged
    ]
    path.write_text(json.dumps(told, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
