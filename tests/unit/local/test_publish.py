from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from local import publish as publishing
from local.console import ConsoleMissing
from local.publish import Hosted, files, hosted, main, publish

TOLD = {
    "ConsoleBucket": "page-files",
    "ConsoleUrl": "https://d1.cloudfront.net/",
    "ApiUrl": "https://d1.cloudfront.net/v1",
    "StreamUrl": "wss://d1.cloudfront.net",
    "EventsUrl": "wss://e1.execute-api.eu-central-1.amazonaws.com/live",
}


class Objects:
    """S3, as far as one puts into it."""

    def __init__(self) -> None:
        self.put: list[dict[str, Any]] = []

    def put_object(self, **given: Any) -> None:
        self.put.append(given)


@pytest.fixture
def built(tmp_path: Path) -> Path:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<p>page</p>")
    for name in ("index-1a.js", "index-2b.css", "icon-3c.svg"):
        (tmp_path / "assets" / name).write_text(name)
    return tmp_path


def where() -> Hosted:
    found = hosted(TOLD)
    assert found is not None
    return found


def test_every_file_says_what_it_is_and_how_long_it_may_be_kept(built: Path) -> None:
    s3 = Objects()
    assert publish(s3, "page-files", files(built, where())) == 5  # type: ignore[arg-type]
    said = {each["Key"]: (each["ContentType"].partition(";")[0], each["CacheControl"]) for each in s3.put}
    kept = "public, max-age=31536000, immutable"
    assert said == {
        "assets/icon-3c.svg": ("image/svg+xml", kept),
        "assets/index-1a.js": ("text/javascript", kept),
        "assets/index-2b.css": ("text/css", kept),
        "console.json": ("application/json", "no-cache"),
        "index.html": ("text/html", "no-cache"),
    }
    assert {each["Bucket"] for each in s3.put} == {"page-files"}


def test_the_page_comes_after_all_that_it_asks_for(built: Path) -> None:
    assert [file.key for file in files(built, where())][-1] == "index.html"


def test_the_page_is_told_the_addresses_of_the_deployment(built: Path) -> None:
    (told,) = (json.loads(file.body) for file in files(built, where()) if file.key == "console.json")
    assert (told["api_url"], told["stream_url"], told["events_url"]) == (
        TOLD["ApiUrl"],
        TOLD["StreamUrl"],
        TOLD["EventsUrl"],
    )


def test_a_file_that_nobody_knows_is_named_and_a_console_that_was_not_built_as_well(built: Path) -> None:
    (built / "assets" / "font-4d.woff2").write_bytes(b"")
    with pytest.raises(ConsoleMissing, match=r"font-4d\.woff2"):
        list(files(built, where()))
    with pytest.raises(ConsoleMissing, match="make setup"):
        list(files(built / "assets", where()))


def test_after_a_deployment_without_an_edge_nothing_is_done_and_nothing_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deployed = tmp_path / "deployed.json"
    deployed.write_text(json.dumps({"kallglot-dev-api": {"ApiUrl": "https://x/api/v1"}}))
    assert main(["--deployed", str(deployed)]) == 0
    assert capsys.readouterr() == ("", "")


def test_after_a_deployment_with_one_the_console_is_where_it_says(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    s3 = Objects()
    monkeypatch.setattr("local.publish.clients.s3", lambda: s3)
    monkeypatch.setattr(publishing, "BUILT", built)
    deployed = tmp_path / "deployed.json"
    of_events = {"EventsUrl": TOLD["EventsUrl"]}
    deployed.write_text(json.dumps({"api": {k: v for k, v in TOLD.items() if k not in of_events}, "events": of_events}))
    assert main(["--deployed", str(deployed)]) == 0
    assert "https://d1.cloudfront.net/" in capsys.readouterr().out
    assert len(s3.put) == 5


def test_asked_for_where_there_is_none_it_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(publishing, "outputs", lambda _stack: {"ApiUrl": "https://x/api/v1"})
    assert main(["--prefix", "kallglot-prod"]) == 1
    assert "kallglot-prod has no console" in capsys.readouterr().err
