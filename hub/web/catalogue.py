"""The catalogue of sentences: found in code and templates, kept in a .po file, compiled in memory.

``python -m hub.web.catalogue`` brings the file up to date with the code and names what waits for its Chinese;
``python -m hub.web.catalogue said.json`` also puts in what that file translates: ``{"Sign in": "登录"}``.
"""

import ast
import builtins
import fcntl
import io
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from hub.settings import CHECKOUT, SHARE

CHINESE = SHARE / "locale" / "zh" / "LC_MESSAGES" / "messages.po"
ROOMS = ("hub", "supplier_portal", "logistics", "templates")
_KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "gettext": None,
    "N_": None,
    "ngettext": (1, 2),
    "NN_": (1, 2),
}
_HEADER = b"""msgid ""
msgstr ""
"Language: zh\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""


def read(path: Path) -> Catalog:
    """The catalogue as it is written."""
    with path.open("rb") as file:
        return read_po(file, locale="zh")


def compiled(path: Path) -> io.BytesIO:
    """The catalogue in gettext's binary form."""
    binary = io.BytesIO()
    write_mo(binary, read(path))
    binary.seek(0)
    return binary


def sentences() -> Iterator[str | tuple[str, str]]:
    """Every sentence of the source: marked ones, refusals, and what a refusal is raised with."""
    for room in ROOMS:
        for path in sorted((CHECKOUT / room).rglob("*.py")):
            yield from _in_python(path)
        for path in sorted((CHECKOUT / room).rglob("*.html")):
            yield from _marked("jinja2", path)


def _in_python(path: Path) -> Iterator[str | tuple[str, str]]:
    yield from _marked("python", path)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef) and _is_refusal(node):
            yield (ast.get_docstring(node) or "").split("\n")[0]
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _is_api(path):
            yield _described(node)
        elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            yield from _raised_with(node.exc)


def _marked(method: str, path: Path) -> Iterator[str | tuple[str, str]]:
    with path.open("rb") as file:
        options = {"silent": "false"} if method == "jinja2" else {}
        for _line, message, _comments, _context in extract(method, file, _KEYWORDS, options=options):
            yield message if isinstance(message, str) else (message[0], message[1])


def _is_refusal(node: ast.ClassDef) -> bool:
    """Whether a class gives itself a stable code, as every refusal does."""
    targets = [target for line in node.body if isinstance(line, ast.Assign) for target in line.targets]
    names = [name for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]
    return any(name.id == "code" for name in names) and ast.get_docstring(node) is not None


def _is_api(path: Path) -> bool:
    return path.parent.name == "api" or path.name in ("api.py", "health.py")


def _described(node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """The first line of what an operation of the API does: people read it in the reference."""
    doors = [call.func for call in node.decorator_list if isinstance(call, ast.Call)]
    return (ast.get_docstring(node) or "").split("\n")[0] if any(map(_is_router, doors)) else ""


def _is_router(called: ast.expr) -> bool:
    return isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id == "router"


def _raised_with(call: ast.Call) -> Iterator[str]:
    """The sentence a refusal is raised with; errors, which only programmers read, stay English."""
    name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
    first = call.args[0] if call.args else None
    if isinstance(first, ast.Constant) and isinstance(first.value, str) and not _is_error(name):
        # What is no whole sentence is a detail for whoever writes the calling program.
        yield first.value if first.value.endswith(".") else ""


def _is_error(name: str) -> bool:
    return name.endswith(("Error", "Exit", "Failed")) or hasattr(builtins, name)


def template() -> Catalog:
    """A catalogue of what the source says now."""
    catalogue = Catalog(locale="zh", project="Furrow", charset="utf-8")
    for sentence in sentences():
        if sentence:
            catalogue.add(sentence)
    return catalogue


def missing(catalogue: Catalog) -> list[str]:
    """What the source says and the catalogue has no Chinese for."""
    lacking = []
    for message in template():
        known = catalogue.get(message.id) if message.id else None
        if message.id and (known is None or not known.string or not all(known.string)):
            lacking.append(message.id if isinstance(message.id, str) else message.id[0])
    return lacking


def update(path: Path, chinese: Mapping[str, str] | None = None) -> list[str]:
    """Add new sentences and the Chinese given for some, drop those no longer said; return what waits for its Chinese.

    The file is locked meanwhile, so that two who translate at once do not undo each other.
    """
    with path.open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        catalogue = read_po(file, locale="zh")
        catalogue.update(template(), no_fuzzy_matching=True, keep_user_comments=True)
        catalogue.obsolete.clear()
        for sentence, translation in (chinese or {}).items():
            message = catalogue[sentence]
            message.string = (translation,) if message.pluralizable else translation
        written = io.BytesIO(_HEADER)
        written.seek(0, io.SEEK_END)
        write_po(written, catalogue, width=0, no_location=True, omit_header=True, sort_output=True)
        file.seek(0)
        file.write(written.getvalue())
        file.truncate()
    return missing(catalogue)


if __name__ == "__main__":
    given = [json.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[1:]]
    waiting = update(CHINESE, {sentence: chinese for file in given for sentence, chinese in file.items()})
    print(f"{len(waiting)} sentences wait for their Chinese in {CHINESE.relative_to(CHECKOUT)}")
    for text in waiting:
        print(f"  {text}")
    sys.exit(bool(waiting))
