"""``python -m conformance URL``: judge the repository behind an address; exit 1 when a clause that must hold fails."""

import argparse
import sys
from pathlib import Path

from rich.console import Console

from conformance import report
from conformance.clauses import Verdict
from conformance.judging import fails, judge, wanted
from conformance.repository import Options


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon:
        raise argparse.ArgumentTypeError("a header is 'Name: value'")
    return name.strip(), value.strip()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("conformance", description="Judge an EPCIS 2.0 repository, clause by clause.")
    parser.add_argument("url", help="under which /capture, /events … answer, such as https://example.com/epcis")
    parser.add_argument("--token", default="", help="sent as Authorization: Bearer")
    parser.add_argument("--header", type=_header, action="append", default=[], metavar="'NAME: VALUE'")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the verdicts here too")
    parser.add_argument("--only", default="", metavar="TEXT", help="the clauses whose name or resource has this in it")
    parser.add_argument(
        "--receiver",
        default="",
        metavar="URL",
        help="where the repository reaches this machine: the suite listens at its port for deliveries",
    )
    parser.add_argument(
        "--destination",
        default=Options.destination,
        metavar="URL",
        help="to what nothing is ever sent: the dest of subscriptions to queries that nothing answers",
    )
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Judge, show, and say by the exit status whether all that must hold does; 1 too where nothing was held."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    if not asked.url.startswith(("http://", "https://")):
        parser.error("an address begins with http:// or https://")
    options = Options(asked.url, asked.token, dict(asked.header), asked.receiver, asked.destination)
    console = Console(width=None if sys.stdout.isatty() else 160)
    judged = list(judge(options, wanted(asked.only)))
    report.show(console, judged)
    if asked.json:
        report.write(asked.json, judged)
    return 1 if fails(judged) or not any(one.verdict is Verdict.HELD for one in judged) else 0


if __name__ == "__main__":
    sys.exit(main())
