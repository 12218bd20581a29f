"""A laboratory's report read as a form's values: what its text says, for a person to confirm. Pure.

Reports have no common form. What most of them share is read: labels with their values in Chinese or English, and a
table of substances whose heading names its columns. What is not understood is left empty, never guessed.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

MOST = 40
"""Substances that are read of a report."""
_LABELS: Mapping[str, str] = {
    "laboratory": r"(?:检测机构|检验机构|检测单位|检验单位|检测实验室|Laboratory|Issued by|Testing body)",
    "report": r"(?:报告编号|报告号|检验编号|Report\s*(?:No|Number|Ref)\.?)",
}
_STANDARD = re.compile(r"\b(?:GB(?:/T)?|NY/T|EN|ISO)\s?\d{2,6}(?:\.\d+)?(?:[-—–]\d{4})?")
_JUDGED_BY = re.compile(
    r"判定依据|判定标准|限量标准|Judged by|Limits? (?:of|from|according to)|Standard", re.IGNORECASE
)
_DAY = re.compile(
    r"(?:采样|抽样|取样)(?:日期|时间)\s*[:：]?\s*(\d{4})\D(\d{1,2})\D(\d{1,2})"
    r"|Sampl(?:ed|ing)(?: on| date)?\s*[:：]?\s*(\d{4})\D(\d{1,2})\D(\d{1,2})",
    re.IGNORECASE,
)
_COLUMNS: Mapping[str, re.Pattern[str]] = {
    "limit": re.compile(r"标准限量|最大残留限量|限量值?|标准值|标准要求|限值|MRL|Limit(?! of)", re.IGNORECASE),
    "found": re.compile(r"检测结果|检测值|实测值|检验结果|检出值|结果|Result|Found", re.IGNORECASE),
    "floor": re.compile(r"检出限|定量限|LOD|LOQ|Limit of \w+", re.IGNORECASE),
}
_NOTHING = r"未检出|\bN\.?D\.?\b|not detected|<\s*LO[DQ]"
_FIGURE = rf"(?:{_NOTHING}|(?:[<＜≤≦]\s*)?\d+(?:\.\d+)?)"
_CELL = re.compile(_FIGURE, re.IGNORECASE)
_METHOD = re.compile(r"(?:GB(?:/T)?|NY/T|SN/T|EN|ISO)\s?\d+(?:\.\d+)*(?:[-—–]\d{4})?")
_UNIT = re.compile(r"[(（]?\s*(?:mg|毫克)\s*/\s*(?:kg|千克)\s*[)）]?", re.IGNORECASE)
_HAN = re.compile(r"[\d,，\-]*[㐀-鿿豈-﫿][㐀-鿿豈-﫿、·（）()\-\d,，]*")
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9 ,'\-]*[A-Za-z0-9]|[A-Za-z]")


@dataclass(frozen=True)
class Finding:
    """A substance of a report, in the languages it is named in; figures as printed, "" where nothing was found."""

    name_zh: str
    name_en: str
    found: str
    limit: str


@dataclass(frozen=True)
class LabReport:
    """What a report says of itself and found; ``sampled_on`` as ``2026-11-24``, "" for what it does not say."""

    laboratory: str = ""
    number: str = ""
    standard: str = ""
    sampled_on: str = ""
    findings: Sequence[Finding] = field(default_factory=list)

    @property
    def values(self) -> dict[str, str]:
        """The same as the fields of the form of a test."""
        told = {"laboratory": self.laboratory, "report": self.number, "standard": self.standard}
        for number, finding in enumerate(self.findings):
            line = f"residues.{number}"
            told |= {
                f"{line}.name_zh": finding.name_zh,
                f"{line}.name_en": finding.name_en,
                f"{line}.found": finding.found,
                f"{line}.limit": finding.limit,
            }
        return {name: value for name, value in told.items() if value}


def read(text: str) -> LabReport:
    """A report, out of the text of its pages."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    return LabReport(
        laboratory=_labelled(lines, "laboratory"),
        number=_labelled(lines, "report").split(" ")[0],
        standard=_standard(lines),
        sampled_on=_day(text),
        findings=_findings(lines)[:MOST],
    )


def _labelled(lines: Sequence[str], name: str) -> str:
    pattern = re.compile(_LABELS[name] + r"\s*[:：]\s*(\S.*)", re.IGNORECASE)
    for line in lines:
        if (match := pattern.search(line)) is not None:
            return re.split(r"\s{2,}| (?=\S+[:：])", match.group(1))[0].strip()[:80]
    return ""


def _standard(lines: Sequence[str]) -> str:
    """By what it was judged: the standard on a line that says so."""
    for line in lines:
        judged = _JUDGED_BY.search(line)
        if judged is not None and (match := _STANDARD.search(line, judged.end())) is not None:
            return match.group(0)
    return ""


def _day(text: str) -> str:
    match = _DAY.search(text)
    if match is None:
        return ""
    year, month, day = (int(part) for part in match.groups() if part)
    return f"{year:04}-{month:02}-{day:02}" if 1 <= month <= 12 and 1 <= day <= 31 else ""


def _findings(lines: Sequence[str]) -> list[Finding]:
    """The rows of tables whose heading says which column is the limit and which the result."""
    findings, columns = [], list[str]()
    for line in lines:
        heading = _heading(line)
        if heading:
            columns = heading
        elif columns and (finding := _finding(line, columns)) is not None:
            findings.append(finding)
    return findings


def _heading(line: str) -> list[str]:
    """The columns of figures that a heading names, from left to right; none where it is no heading."""
    places = {name: match.start() for name, pattern in _COLUMNS.items() if (match := pattern.search(line))}
    if not {"limit", "found"} <= places.keys() or re.search(r"\d", _UNIT.sub("", line)):
        return []
    return sorted(places, key=lambda name: places[name])


def _finding(line: str, columns: Sequence[str]) -> Finding | None:
    row = _UNIT.sub(" ", _METHOD.sub(" ", line))
    row = re.sub(r"^\s*\d{1,3}[.、)]?\s+(?=\D|\d+[,，])", "", row)
    cells = [match for match in _CELL.finditer(row) if _stands_alone(row, match)]
    if len(cells) < len(columns):
        return None
    name = row[: cells[0].start()].strip(" :：,，;；|/")
    han, latin = _HAN.search(name), _LATIN.search(name)
    if han is None and latin is None:
        return None
    figures = dict(zip(columns, (cell.group(0) for cell in cells), strict=False))
    limit = figures["limit"].lstrip("<＜≤≦ ")
    if re.search(_NOTHING, limit, re.IGNORECASE):
        return None
    return Finding(
        name_zh=han.group(0).strip("（）()、,，·-")[:60] if han else "",
        name_en=latin.group(0).strip()[:60] if latin else "",
        found="" if _is_none(figures["found"]) else figures["found"].strip(),
        limit=limit,
    )


def _stands_alone(row: str, cell: re.Match[str]) -> bool:
    """Whether a figure is a cell, and no part of a name such as 2,4-D."""
    before, after = row[: cell.start()][-1:], row[cell.end() :][:1]
    return not re.match(r"[A-Za-z0-9,，.\-]", before) and not re.match(r"[A-Za-z0-9,，.\-]", after)


def _is_none(figure: str) -> bool:
    """Whether a result says that nothing was found: in words, or as less than what can be seen."""
    return bool(re.match(rf"\s*(?:{_NOTHING}|[<＜])", figure, re.IGNORECASE))
