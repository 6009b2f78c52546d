"""/v1/languages."""

from __future__ import annotations

from core.domain.engines import ENGINE_SETS
from tests.fakes.rest import RestWorld


def test_the_running_engines_decide_what_is_told() -> None:
    german = {}
    for name in ("embedded", "scripted"):
        listed = RestWorld(engines=ENGINE_SETS[name]).get("/v1/languages").body["data"]
        german[name] = next(language for language in listed if language["code"] == "de")

    assert (german["embedded"]["speech_in"], german["scripted"]["speech_in"]) == (False, True)
    assert german["embedded"]["name"] == "German"
