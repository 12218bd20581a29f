"""Everything a person sees is there in Chinese."""

import re

from hub.settings import CHECKOUT
from hub.web import catalogue
from tools import vendor


def test_every_sentence_has_its_chinese():
    assert catalogue.missing(catalogue.read(catalogue.CHINESE)) == []


def test_translations_name_the_same_values():
    wrong = []
    for message in catalogue.read(catalogue.CHINESE):
        source = message.id if isinstance(message.id, str) else message.id[1]
        said = message.string if isinstance(message.string, str) else message.string[0]
        if said and set(re.findall(r"%\(\w+\)s", source)) != set(re.findall(r"%\(\w+\)s", said)):
            wrong.append(source)
    assert wrong == []


def test_chinese_is_set_as_chinese():
    """Full-width marks between Chinese characters, and no blank between them and figures."""
    half = re.compile(r"[\u4e00-\u9fff][,;:?!][\u4e00-\u9fff]|[\u4e00-\u9fff] \d|\d [\u4e00-\u9fff]")
    texts = [m.string if isinstance(m.string, str) else m.string[0] for m in catalogue.read(catalogue.CHINESE) if m.id]
    assert [text for text in texts if half.search(text)] == []


def test_refusals_are_found_with_their_sentences():
    said = set(catalogue.sentences())
    assert "The e-mail address or the password is not right." in said
    assert "Sign in" in said and ("%(num)s day", "%(num)s days") in said


def test_an_update_keeps_what_is_translated(tmp_path):
    copy = tmp_path / "messages.po"
    copy.write_bytes(catalogue.CHINESE.read_bytes())
    catalogue.update(copy)
    assert catalogue.read(copy).get("Sign in").string == "登录"
    once = copy.read_bytes()
    catalogue.update(copy)
    assert copy.read_bytes() == once


def test_chinese_that_is_given_is_put_in(tmp_path):
    copy = tmp_path / "messages.po"
    copy.write_bytes(catalogue.CHINESE.read_bytes())
    catalogue.update(copy, {"Sign in": "请登录", "%(num)s day": "%(num)s日"})
    kept = catalogue.read(copy)
    assert kept["Sign in"].string == "请登录" and kept["%(num)s day"].string == ("%(num)s日",)


def test_vendored_files_are_those_of_the_manifest():
    lines = [line.split("  ") for line in vendor.MANIFEST.read_text().splitlines() if not line.startswith("#")]
    assert {line[3] for line in lines} == {
        str(path.relative_to(vendor.VENDOR))
        for path in vendor.VENDOR.rglob("*")
        if path.is_file() and path != vendor.MANIFEST
    }
    import hashlib

    for _package, _version, _licence, name, digest in lines:
        assert hashlib.sha256((vendor.VENDOR / name).read_bytes()).hexdigest() == digest, name


def test_vendored_files_are_those_that_npm_pins():
    assert vendor.MANIFEST.read_text() == vendor.manifest(CHECKOUT / "node_modules")
