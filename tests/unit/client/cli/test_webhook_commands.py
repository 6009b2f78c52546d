from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.fakes.terminal import Shell
from tests.unit.client.cli.test_commands import listed, ok

ENDPOINT = {
    "id": "wh_1",
    "object": "webhook_endpoint",
    "url": "https://a.example/hook",
    "events": ["session.*"],
    "status": "disabled",
    "disabled_reason": "failing",
}
DELIVERY = {
    "id": "wh_del_1",
    "event_id": "evt_1",
    "event_type": "session.ended",
    "status": "failed",
    "attempt_count": 20,
    "attempts": [{"number": 1, "outcome": "timeout"}, {"number": 2, "outcome": "http_status", "status": 500}],
}


def test_an_endpoint_is_registered_for_everything_unless_told_otherwise(shell: Shell) -> None:
    made = ok({**ENDPOINT, "secret": "whsec_1"}, 201)
    said = shell("webhooks create --url https://a.example/hook", made)
    assert said.api.bodies == [{"url": "https://a.example/hook", "events": ["*"]}]
    assert said.rows[0] == ["secret", "whsec_1"]
    assert "not shown again" in said.err
    said = shell("webhooks create --url https://a.example/hook --event session.ended --event recording.*", made)
    assert said.api.bodies[0]["events"] == ["session.ended", "recording.*"]


def test_endpoints_are_listed_shown_changed_and_deleted(shell: Shell) -> None:
    assert shell("webhooks list", listed(ENDPOINT)).rows[0][:4] == [
        "wh_1",
        "https://a.example/hook",
        "session.*",
        "disabled failing",
    ]
    assert shell("webhooks get wh_1 --json", ok(ENDPOINT)).json == ENDPOINT
    said = shell("webhooks update wh_1 --enable --event *", ok(ENDPOINT))
    assert (said.api.seen[0].method, said.api.bodies) == ("PATCH", [{"events": ["*"], "status": "enabled"}])
    assert shell("webhooks update wh_1 --disable", ok(ENDPOINT)).api.bodies == [{"status": "disabled"}]
    assert shell("webhooks delete wh_1", ok({"id": "wh_1", "deleted": True})).out == "deleted\twh_1\n"


@pytest.mark.parametrize(
    ("line", "method", "path"),
    [
        ("test wh_1", "POST", "/v1/webhook_endpoints/wh_1/test"),
        ("rotate wh_1", "POST", "/v1/webhook_endpoints/wh_1/rotate_secret"),
        ("retry wh_del_1", "POST", "/v1/webhook_deliveries/wh_del_1/retry"),
    ],
)
def test_what_acts_on_one_goes_to_its_route(shell: Shell, line: str, method: str, path: str) -> None:
    said = shell(f"webhooks {line} --json", ok({"id": "x"}))
    assert [(request.method, request.url.path) for request in said.api.seen] == [(method, path)]
    assert said.json == {"id": "x"}


def test_a_delivery_says_how_often_and_with_what_result_it_was_tried(shell: Shell) -> None:
    assert shell("webhooks deliveries wh_1", listed(DELIVERY)).rows[0][:5] == [
        "wh_del_1",
        "failed",
        "session.ended",
        "20",
        "http_status 500",
    ]


def test_an_event_that_is_replayed_is_the_deliveries_it_became(shell: Shell) -> None:
    said = shell("webhooks replay evt_1", listed({**DELIVERY, "status": "pending", "attempts": [], "attempt_count": 0}))
    assert [(request.method, request.url.path) for request in said.api.seen] == [("POST", "/v1/events/evt_1/replay")]
    assert said.rows[0][:5] == ["wh_del_1", "pending", "session.ended", "0", ""]
    assert shell("webhooks replay evt_1", listed()).err == "no endpoint asks for this event now\n"


def test_a_stretch_of_time_is_replayed_to_one_endpoint(shell: Shell) -> None:
    begun = ok({"object": "webhook_replay", "endpoint_id": "wh_1", "event_count": 3, "types": ["session.*"]})
    line = "webhooks replay wh_1 --since 2026-03-26T11:00Z --until 2026-03-26T12:00Z --only-failed --event session.*"
    said = shell(line, begun)
    assert [(request.method, request.url.path) for request in said.api.seen] == [
        ("POST", "/v1/webhook_endpoints/wh_1/replay")
    ]
    assert said.api.bodies == [
        {
            "from": "2026-03-26T11:00:00Z",
            "to": "2026-03-26T12:00:00Z",
            "types": ["session.*"],
            "only_failed": True,
        }
    ]
    assert said.rows[1] == ["events in that time", "3"]


def test_the_secret_of_sessions_urls_is_rotated_without_naming_an_endpoint(shell: Shell) -> None:
    known = {"object": "webhook_secret", "secret_generation": 2, "rotated_at": "2026-03-26T11:00:00Z"}
    said = shell("webhooks rotate --overlap 60", ok({**known, "secret": "whsec_2"}))
    assert said.api.seen[0].url.path == "/v1/webhook_secret/rotate"
    assert said.api.bodies == [{"overlap_seconds": 60}]
    assert said.rows[:2] == [["secret", "whsec_2"], ["generation", "2"]]
    said = shell("webhooks secret", ok(known))
    assert (said.api.seen[0].url.path, said.rows[0]) == ("/v1/webhook_secret", ["generation", "2"])


@pytest.mark.parametrize(
    "line",
    [
        "replay evt_1 --only-failed",
        "replay wh_1 --since soon",
        "update wh_1",
        "update wh_1 --enable --disable",
        "create",
        "listen --status 99",
    ],
)
def test_what_makes_no_sense_is_wrong_usage(shell: Shell, line: str) -> None:
    said = shell(f"webhooks {line}")
    assert (said.code, said.api.seen) == (2, [])


def test_a_deployment_elsewhere_cannot_reach_this_machine(shell: Shell) -> None:
    said = shell("webhooks listen")
    assert said.code == 2
    assert "--secret" in said.err


def test_a_watched_session_that_has_ended_is_its_transcript(shell: Shell) -> None:
    turn = {"id": "seg_1", "sequence": 1, "speaker": "agent", "language": "es", "text": "hola", "start_time": 61}
    answers: tuple[Any, ...] = (
        ok({"id": "sess_1", "status": "ended", "end_reason": "completed"}),
        ok({"id": "trn_1", "status": "completed", "turns": [turn]}),
        ok({"id": "sess_1", "status": "ended", "end_reason": "completed"}),
    )
    for line in ("watch sess_1", "transcript sess_1 --follow"):
        said = shell(line, *answers)
        assert (said.code, said.out, said.err) == (0, "1:01 agent [es] hola\n", "ended: completed\n")
    for line in ("watch sess_1 --json", "transcript sess_1 --follow --format json"):
        documents = shell(line, *answers).out.splitlines()
        assert len(documents) == 2


def test_to_follow_goes_to_the_screen(shell: Shell) -> None:
    said = shell("transcript sess_1 --follow --format srt", httpx.Response(200))
    assert (said.code, said.api.seen) == (2, [])


def test_talk_finds_a_bad_file_before_it_creates_a_session(shell: Shell) -> None:
    said = shell("talk /no/such.wav --source en --target es", ok({}))
    assert (said.code, said.api.seen) == (1, [])
    assert "/no/such.wav" in said.err


@pytest.mark.parametrize("line", ["talk a.wav --microphone", "talk --stereo", "talk - --rate 11025"])
def test_talk_knows_what_does_not_go_together(shell: Shell, line: str) -> None:
    said = shell(line)
    assert (said.code, said.api.seen) == (2, [])
