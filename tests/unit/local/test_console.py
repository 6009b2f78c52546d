from __future__ import annotations

from pathlib import Path

import pytest

from local.console import ConsoleMissing, console, facts
from local.stack import Addresses

ADDRESSES = Addresses("http://h/v1", "ws://h", "ws://e/live?a=1&b=2", "http://h/", "sk_test_secret", "sip:h")


def test_it_tells_the_addresses_and_keeps_the_key_to_itself() -> None:
    told = facts(ADDRESSES)
    assert (told["api_url"], told["stream_url"], told["events_url"]) == ("http://h/v1", "ws://h", "ws://e/live?a=1&b=2")
    assert "http://h/v1/sessions" in told["curl"]
    assert "sk_test_secret" not in str(told)


def test_what_was_not_built_is_said_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConsoleMissing, match="make setup"):
        console(ADDRESSES, "http://s3", tmp_path)
    (tmp_path / "index.html").write_text("<p>console</p>")
    assert console(ADDRESSES, "http://s3", tmp_path).folder == tmp_path.resolve()
