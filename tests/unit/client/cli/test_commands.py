"""What the commands ask, what they say to pipes and programs, and how they fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fakes.api import refused
from tests.fakes.terminal import Shell

SESSION = {
    "id": "sess_1",
    "object": "session",
    "status": "ended",
    "mode": "bidirectional_translation",
    "source_language": "en",
    "target_language": "es",
    "recording": {"enabled": True, "id": "rec_1"},
    "transcript": {"available": True, "word_count": 512},
    "duration": 245.3,
    "metadata": {"customer": "7"},
    "created_at": "2026-03-26T11:00:00Z",
    "end_reason": "completed",
}
RECORDING = {"id": "rec_1", "object": "recording", "status": "ready", "duration": 245.3, "session_id": "sess_1"}


def ok(body: Any, status: int = 200) -> httpx.Response:
    return httpx.Response(status, json=body)


def listed(*objects: Any, more: bool = False) -> httpx.Response:
    return ok({"object": "list", "data": list(objects), "has_more": more, "url": "/v1/sessions"})


def test_a_session_is_created_as_it_was_asked_for(shell: Shell) -> None:
    line = "sessions create --source en --target es --record --metadata a=b --metadata c=d=e --idempotency-key once"
    said = shell(f'{line} --extra {{"routing":{{"connection_id":"pcon_1"}}}}', ok(SESSION, 201))
    assert said.code == 0
    assert said.api.bodies == [
        {
            "mode": "bidirectional_translation",
            "source_language": "en",
            "target_language": "es",
            "recording": {"enabled": True},
            "metadata": {"a": "b", "c": "d=e"},
            "routing": {"connection_id": "pcon_1"},
        }
    ]
    assert said.api.keys == ["once"]
    assert ["session", "sess_1"] in said.rows


def test_an_object_is_lines_of_name_and_value_for_a_pipe(shell: Shell) -> None:
    rows = dict(shell("sessions get sess_1", ok(SESSION)).rows)
    assert (rows["status"], rows["length"], rows["words"]) == ("ended, completed", "4:05", "512")
    assert (rows["created (UTC)"], rows["metadata"]) == ("2026-03-26 11:00:00", "customer=7")


@pytest.mark.parametrize("line", ["--json sessions get sess_1", "sessions get sess_1 --json"])
def test_json_is_what_the_api_said_wherever_the_flag_stands(shell: Shell, line: str) -> None:
    assert shell(line, ok(SESSION)).json == SESSION


def test_a_list_is_lines_of_columns_without_a_title(shell: Shell) -> None:
    said = shell("sessions list --status ended", listed(SESSION, {**SESSION, "id": "sess_2"}))
    assert said.rows[0][:5] == ["sess_1", "ended", "en → es", "4:05", "512"]
    assert len(said.rows) == 2
    assert dict(said.api.seen[0].url.params) == {"status": "ended", "limit": "20"}


def test_a_list_goes_on_over_pages_as_far_as_it_was_asked(shell: Shell) -> None:
    pages = [listed(*({**SESSION, "id": f"sess_{at}"} for at in (0, 1)), more=True), listed(SESSION)]
    assert len(shell("sessions list --limit 3", *pages).rows) == 3
    assert len(shell("sessions list --limit 2", *pages).api.seen) == 1
    said = shell("sessions list --all --json", *pages)
    assert [each["id"] for each in said.json["data"]] == ["sess_0", "sess_1", "sess_1"]


def test_nothing_is_said_on_stderr_and_stdout_stays_empty(shell: Shell) -> None:
    said = shell("sessions list", listed())
    assert (said.out, said.err) == ("", "no sessions\n")


def test_a_session_is_ended_and_dialled(shell: Shell) -> None:
    said = shell("sessions end sess_1 --reason agent_hangup", ok(SESSION))
    assert said.api.bodies == [{"reason": "agent_hangup"}]
    said = shell("sessions dial sess_1 --to +14155550100 --from +14155550101 --participant customer", ok(SESSION))
    assert said.api.bodies == [{"to": "+14155550100", "from": "+14155550101", "participant": "customer"}]


@pytest.mark.parametrize("form", ["text", "srt", "vtt"])
def test_a_transcript_comes_in_its_forms(shell: Shell, form: str) -> None:
    said = shell(f"transcript sess_1 --format {form} --no-translations", httpx.Response(200, text="Customer: hello\n"))
    assert said.out == "Customer: hello\n"
    assert dict(said.api.seen[0].url.params) == {"format": form, "include_translations": "false"}


def test_a_transcript_goes_into_a_file(shell: Shell, tmp_path: Path) -> None:
    said = shell(f"transcript sess_1 --json --out {tmp_path}/t.json", ok({"id": "trn_1", "turns": []}))
    assert said.out == ""
    assert (tmp_path / "t.json").read_text().startswith('{\n  "id": "trn_1"')


def test_a_recording_is_found_by_its_session_and_downloaded(shell: Shell, tmp_path: Path) -> None:
    link = httpx.Response(302, headers={"Location": "http://bucket.test/rec_1.mp3"})
    said = shell(
        f"recording sess_1 --format mp3 --out {tmp_path}/a.mp3",
        ok(SESSION),
        ok(RECORDING),
        link,
        httpx.Response(200, content=b"sound"),
    )
    assert (said.code, said.out, said.err) == (0, f"{tmp_path}/a.mp3\n", "4:05 of sound, 5 bytes\n")
    assert (tmp_path / "a.mp3").read_bytes() == b"sound"


def test_the_address_of_a_recording_may_do(shell: Shell) -> None:
    link = httpx.Response(302, headers={"Location": "http://bucket.test/rec_1.wav"})
    assert shell("recording rec_1 --url", ok(RECORDING), link).out == "http://bucket.test/rec_1.wav\n"


def test_a_call_that_was_not_recorded_says_why(shell: Shell) -> None:
    said = shell("recording sess_1", ok({**SESSION, "recording": {"enabled": False}}))
    assert (said.code, said.err) == (
        1,
        "kallglot: sess_1 has no recording: it was created without `--record`\n",
    )


def test_a_key_is_made_and_its_secret_is_shown_once(shell: Shell) -> None:
    key = {"id": "key_1", "key": "sk_test_secret", "scopes": ["sessions:read"], "livemode": False}
    said = shell("keys create --name dashboard --scope sessions:read", ok(key, 201))
    assert said.api.bodies == [{"scopes": ["sessions:read"], "name": "dashboard"}]
    assert said.rows[0] == ["secret", "sk_test_secret"]
    assert "not shown again" in said.err
    assert shell("keys revoke key_1", ok(key)).api.seen[0].method == "DELETE"
    assert shell("keys list", listed(key)).rows[0][0] == "key_1"


def test_languages_are_those_that_the_engines_can_do_something_with(shell: Shell) -> None:
    able = {"id": "en", "code": "en", "name": "English", "speech_in": True, "text": True, "speech_out": False}
    unable = {**able, "id": "he", "code": "he", "speech_in": False, "text": False}
    assert shell("languages", listed(able, unable)).rows == [["en", "English", "yes", "yes", "no"]]
    assert len(shell("languages --all", listed(able, unable)).rows) == 2
    assert len(shell("languages --json", listed(able, unable)).json["data"]) == 2


def test_usage_is_the_days_that_had_any_and_their_sum(shell: Shell) -> None:
    used, unused = {"active_seconds": 61}, {"active_seconds": 0}
    report = {"data": [{"date": "2026-03-01", **used}, {"date": "2026-03-02", **unused}], "total": used}
    said = shell("usage --from 2026-03-01 --to 2026-03-02", ok(report))
    assert [row[:2] for row in said.rows] == [["2026-03-01", "1:01"], ["in all", "1:01"]]
    assert dict(said.api.seen[0].url.params) == {"from": "2026-03-01", "to": "2026-03-02"}


def test_the_description_is_passed_on(shell: Shell) -> None:
    assert shell("openapi", ok({"openapi": "3.1.0"})).json == {"openapi": "3.1.0"}


@pytest.mark.parametrize(
    ("answer", "line"),
    [
        (
            refused(404, "session_not_found", type="not_found_error"),
            "404 session_not_found: It says why. [req_1]; a key sees its own organization's objects only, "
            "and test keys never see live ones",
        ),
        (
            refused(401, "invalid_api_key", type="authentication_error"),
            "401 invalid_api_key: It says why. [req_1]; is KALLGLOT_API_KEY a key of this deployment?",
        ),
        (
            refused(401, "revoked_api_key", type="authentication_error"),
            "401 revoked_api_key: It says why. [req_1]; make a new key and put it into KALLGLOT_API_KEY",
        ),
        (
            refused(422, "invalid_language_code", type="validation_error", param="source_language"),
            "422 invalid_language_code: It says why. (source_language) [req_1]; `kallglot languages` lists them",
        ),
        (
            refused(429, headers={"Retry-After": "300"}, type="rate_limit_error"),
            "429 some_code: It says why. [req_1]; try again in 300 s",
        ),
        (
            httpx.UnsupportedProtocol("Request URL is missing a protocol."),
            "http://api.test is no address of an API: Request URL is missing a protocol.; is the deployment up, and "
            "its address right?",
        ),
    ],
)
def test_a_refusal_is_one_line_that_says_what_to_do(shell: Shell, answer: Any, line: str) -> None:
    said = shell("sessions get sess_1", answer)
    assert (said.code, said.out) == (1, "")
    assert said.err == f"kallglot: {line}\n"


@pytest.mark.parametrize(
    "line",
    [
        "",
        "dance",
        "sessions",
        "sessions create --metadata nonsense",
        "sessions create --extra nonsense",
        "sessions create --extra []",
        "sessions list --limit 0",
        "sessions list --limit many",
        "sessions end sess_1 --reason boredom",
        "sessions dial sess_1",
        "transcript sess_1 --format pdf",
    ],
)
def test_wrong_usage_is_exit_code_two_and_never_reaches_the_api(shell: Shell, line: str) -> None:
    said = shell(line)
    assert (said.code, said.out, said.api.seen) == (2, "", [])
    assert "kallglot" in said.err


def test_an_interruption_is_exit_code_130(shell: Shell) -> None:
    def interrupted(_request: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt

    assert shell("sessions get sess_1", interrupted).code == 130


def test_a_file_that_cannot_be_written_is_a_failure(shell: Shell, tmp_path: Path) -> None:
    said = shell(f"transcript sess_1 --out {tmp_path}/no/folder", httpx.Response(200, text="hello"))
    assert said.code == 1
    assert "No such file or directory" in said.err
