"""/v1/sessions/{id}/recordings and /v1/recordings."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core.domain.recordings import Format, begun, chunk_key, file_key, finished
from core.domain.sessions import Recording
from core.ports import Commit
from tests.builders import ACME, OTHER, a_session
from tests.fakes.clocks import START
from tests.fakes.rest import Answer, RestWorld, golden


@pytest.fixture
def world() -> RestWorld:
    return RestWorld()


def recorded(world: RestWorld, *, ready: bool = True, **more: Any) -> None:
    """Session `sess_1` with its recording `rec_1`."""
    session = a_session(recording=Recording(True, id="rec_1"), started_at=START, **{"tenant": ACME} | more)
    made = begun(session)
    assert made is not None
    if ready:
        made = finished(made, 8000, {Format.WAV: 16_044, Format.MP3: 4_000}, 1, timedelta(days=365))
    world.sessions.commit(Commit(session, None, None, recorded=made))
    for key in (chunk_key(session, 0), file_key(made, Format.WAV), file_key(made, Format.MP3)):
        world.recordings.put_chunk(key, b"x")


def only(*scopes: str) -> dict[str, str]:
    held: dict[str, str] = golden("events/rest_request.json")["requestContext"]["authorizer"]
    return held | {"scopes": " ".join(scopes)}


def ask(world: RestWorld, method: str, path: str, query: dict[str, str] | None = None) -> Answer:
    return world.ask(method, path, query=query, authorizer=only("recordings:read", "recordings:delete"))


def get(world: RestWorld, path: str, query: dict[str, str] | None = None) -> Answer:
    return ask(world, "GET", path, query)


def test_the_recordings_of_a_session_are_a_list(world: RestWorld) -> None:
    recorded(world)

    answer = get(world, "/v1/sessions/sess_1/recordings")

    assert answer.status == 200
    assert {name: answer.body[name] for name in ("object", "has_more", "url")} == {
        "object": "list",
        "has_more": False,
        "url": "/v1/sessions/sess_1/recordings",
    }
    assert answer.body["data"] == [get(world, "/v1/recordings/rec_1").body]


@pytest.mark.parametrize("cursor", ["starting_after", "ending_before"])
def test_the_list_has_pages_like_any_other(world: RestWorld, cursor: str) -> None:
    recorded(world)

    beyond = get(world, "/v1/sessions/sess_1/recordings", {cursor: "rec_1"})
    nowhere = get(world, "/v1/sessions/sess_1/recordings", {cursor: "rec_2"})

    assert (beyond.body["data"], beyond.body["has_more"]) == ([], False)
    assert (nowhere.status, nowhere.error["code"], nowhere.error["param"]) == (404, "recording_not_found", cursor)
    assert get(world, "/v1/sessions/sess_1/recordings", {"limit": "0"}).status == 422


def test_a_recording_is_shown_as_the_contract_says(world: RestWorld) -> None:
    recorded(world)

    body = get(world, "/v1/recordings/rec_1").body

    assert body.pop("download_url").startswith("https://")
    assert body == {
        "id": "rec_1",
        "object": "recording",
        "session_id": "sess_1",
        "channel": "mixed",
        "channels": 2,
        "duration": 1.0,
        "format": "wav",
        "size": 16_044,
        "sample_rate": 8000,
        "bit_depth": 16,
        "status": "ready",
        "created_at": "2026-03-26T11:00:00Z",
        "expires_at": "2027-03-26T11:00:00Z",
    }


@pytest.mark.parametrize(
    ("query", "ending"), [(None, ".wav"), ({"format": "wav"}, ".wav"), ({"format": "mp3"}, ".mp3")]
)
def test_audio_is_elsewhere_and_nobody_keeps_the_address(
    world: RestWorld, query: dict[str, str] | None, ending: str
) -> None:
    recorded(world)

    answer = get(world, "/v1/recordings/rec_1/audio", query)

    assert answer.status == 302
    [location] = answer.headers["Location"]
    assert location.split("?")[0].endswith(ending)
    assert answer.headers["Cache-Control"] == ["no-store"]


def test_a_format_that_there_is_not_is_refused_by_name(world: RestWorld) -> None:
    recorded(world)

    answer = get(world, "/v1/recordings/rec_1/audio", {"format": "ogg"})

    assert (answer.status, answer.error["param"]) == (422, "format")


def test_audio_that_is_not_finished_may_be_asked_for_again(world: RestWorld) -> None:
    recorded(world, ready=False)

    answer = get(world, "/v1/recordings/rec_1/audio")

    assert (answer.status, answer.error["code"], answer.headers["Retry-After"]) == (
        409,
        "recording_not_finished",
        ["2"],
    )


def test_a_deleted_recording_is_gone_with_its_sound(world: RestWorld) -> None:
    recorded(world)

    answer = ask(world, "DELETE", "/v1/recordings/rec_1")

    assert (answer.status, answer.body) == (200, {"id": "rec_1", "object": "recording", "deleted": True})
    assert world.recordings.objects == {}
    assert get(world, "/v1/recordings/rec_1").error["code"] == "recording_not_found"
    assert get(world, "/v1/sessions/sess_1/recordings").body["data"] == []
    assert ask(world, "DELETE", "/v1/recordings/rec_1").status == 200


ROUTES = [
    ("GET", "/v1/sessions/sess_1/recordings", "recordings:read"),
    ("GET", "/v1/recordings/rec_1", "recordings:read"),
    ("GET", "/v1/recordings/rec_1/audio", "recordings:read"),
    ("DELETE", "/v1/recordings/rec_1", "recordings:delete"),
]


@pytest.mark.parametrize(("method", "path", "scope"), ROUTES)
def test_each_route_takes_its_scope_and_no_other(world: RestWorld, method: str, path: str, scope: str) -> None:
    recorded(world)
    others = {"sessions:read", "sessions:write", "recordings:read", "recordings:delete"} - {scope}

    refused = world.ask(method, path, authorizer=only(*sorted(others)))

    assert (refused.status, refused.error["code"]) == (403, "insufficient_permissions")
    assert len(world.recordings.objects) == 3
    assert world.ask(method, path, authorizer=only(scope)).status in (200, 302)


@pytest.mark.parametrize(("method", "path", "_scope"), ROUTES)
def test_another_tenants_recording_is_not_there(world: RestWorld, method: str, path: str, _scope: str) -> None:
    recorded(world, tenant=OTHER)

    assert ask(world, method, path).status == 404
    assert len(world.recordings.objects) == 3
