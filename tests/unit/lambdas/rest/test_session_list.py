"""GET /v1/sessions: what a query may say, and the form of the answer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fakes.rest import RestWorld

CALL = {"mode": "bidirectional_translation", "source_language": "de", "target_language": "en"}


@pytest.fixture
def world() -> RestWorld:
    made = RestWorld()
    for _ in range(25):
        made.clock.advance(1)
        assert made.post("/v1/sessions", CALL).status == 201
    return made


def listed(world: RestWorld, **query: str) -> dict[str, Any]:
    answer = world.get("/v1/sessions", query)
    assert answer.status == 200, answer.text
    body: dict[str, Any] = answer.body
    return body


def test_a_list_is_a_list(world: RestWorld) -> None:
    first = listed(world)

    assert {name: first[name] for name in first if name != "data"} == {
        "object": "list",
        "has_more": True,
        "url": "/v1/sessions",
    }
    assert [shown["id"] for shown in first["data"]] == [f"sess_{number:04d}" for number in range(25, 5, -1)]
    assert listed(world, starting_after="sess_0006")["has_more"] is False


def test_its_objects_are_what_a_get_shows_without_the_stream(world: RestWorld) -> None:
    (shown,) = listed(world, limit="1")["data"]

    got = world.get(f"/v1/sessions/{shown['id']}").body
    assert shown == {name: value for name, value in got.items() if name != "stream"}
    assert "kst_" not in world.get("/v1/sessions").text


def test_filters_choose(world: RestWorld) -> None:
    world.post("/v1/sessions/sess_0007/end")

    assert [shown["id"] for shown in listed(world, status="ended")["data"]] == ["sess_0007"]
    assert listed(world, status="active")["data"] == []
    assert len(listed(world, created_after="2026-03-26T12:00:20+01:00")["data"]) == 5


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "ten"}, "limit"),
        ({"limit": "٣"}, "limit"),
        ({"limit": ""}, "limit"),
        ({"status": "running"}, "status"),
        ({"status": ""}, "status"),
        ({"created_after": "yesterday"}, "created_after"),
        ({"created_after": "2026-03-26"}, "created_after"),
        ({"created_after": "2026-03-26T11:00:00"}, "created_after"),
        ({"created_after": "2026-13-26T11:00:00Z"}, "created_after"),
        ({"starting_after": ""}, "starting_after"),
        ({"ending_before": ""}, "ending_before"),
        ({"starting_after": "sess_0001", "ending_before": "sess_0001"}, "ending_before"),
    ],
)
def test_a_query_that_cannot_be_understood_is_named(world: RestWorld, query: dict[str, str], param: str) -> None:
    refused = world.get("/v1/sessions", query)

    assert (refused.status, refused.error["code"], refused.error["param"]) == (422, "invalid_field_value", param)


@pytest.mark.parametrize("cursor", ["sess_9999", "rec_1", "nonsense"])
def test_a_cursor_that_is_nobodys_session_is_404_and_named(world: RestWorld, cursor: str) -> None:
    refused = world.get("/v1/sessions", {"ending_before": cursor})

    assert (refused.status, refused.error["code"]) == (404, "session_not_found")
    assert refused.error["param"] == "ending_before"
