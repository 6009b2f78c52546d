"""Where the gateway of this machine is called."""

from __future__ import annotations

import pytest

from local import gateway


def test_the_usual_port_needs_no_mention_and_another_one_does() -> None:
    assert gateway.host(5060) == "127.0.0.1"
    assert gateway.host(5070) == "127.0.0.1:5070"


@pytest.mark.parametrize(("taken", "found"), [({}, 5060), ({5060}, 5070), ({5060, 5070, 5080}, 40_001)])
def test_a_usual_port_is_taken_if_it_is_free_for_both_and_any_other_one_if_not(
    taken: set[int], found: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def bound(port: int) -> int:
        asked.append(port)
        # The first one that the system offers is free for TCP alone.
        if port in taken or (port == 0 and asked.count(0) == 1):
            raise OSError("taken")
        return port or 40_001

    monkeypatch.setattr(gateway, "_bound", bound)
    assert gateway.free_port() == found
