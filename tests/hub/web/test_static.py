"""The files of static/ as browsers get them."""

from fastapi.testclient import TestClient

from hub.app import create_app
from hub.web.static import static


def test_a_page_waits_for_one_style_sheet(database):
    with TestClient(create_app()) as client:
        got = client.get(static("app.css"))
        assert got.headers["content-type"].startswith("text/css") and "@import" not in got.text
        assert got.text.index("@layer undo, pico;") < got.text.index("@layer pico {") < got.text.index("--accent")
        again = client.get(static("app.css"), headers={"If-None-Match": got.headers["etag"]})
        assert again.status_code == 304 and not again.content


def test_what_is_not_there_is_not_found(database):
    with TestClient(create_app()) as client:
        assert client.get(static("css/nothing.css")).status_code == 404
        assert client.get("/static/x/..%2f..%2fpyproject.toml").status_code == 404
