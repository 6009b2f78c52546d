"""An agent's description, read back from what a session keeps."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.domain.agents import Caps, SilencePrompts, TurnTaking, language_of, read_spec, spec_of
from core.domain.sessions import Mode
from tests.builders import a_session


def test_what_is_left_out_is_as_usual() -> None:
    spec = read_spec({"system_prompt": "Be kind."})
    assert (spec.turn_taking, spec.caps, spec.silence, spec.tools) == (TurnTaking(), Caps(), None, ())


def test_everything_that_is_given_is_read() -> None:
    spec = read_spec(
        {
            "system_prompt": "Be kind.",
            "id": "agt_1",
            "version": 3,
            "language": "en",
            "tools": [{"name": "look_up", "parameters": {"type": "object"}, "timeout_seconds": 4}],
            "transfer": {"enabled": True},
            "turn_taking": {"silence_ms": 600, "ignore_backchannels": False, "filler": "One moment."},
            "silence_prompt": {"text": "Are you there?", "after_seconds": 6},
            "limits": {"tokens": 1000, "cost": 0.5, "duration_seconds": 60, "answer_tokens": 100},
        }
    )
    assert (spec.id, spec.version, spec.transfer) == ("agt_1", 3, True)
    assert (spec.tools[0].name, spec.tools[0].timeout_s) == ("look_up", 4.0)
    assert spec.turn_taking == TurnTaking(600, backchannels=False, filler="One moment.")
    assert spec.silence == SilencePrompts("Are you there?", 6.0)
    assert spec.caps == Caps(1000, 0.5, 60, 100)


@pytest.mark.parametrize("mode", [Mode.BIDIRECTIONAL_TRANSLATION, Mode.ASSISTIVE_TRANSLATION])
def test_people_who_talk_to_each_other_have_no_agent(mode: Mode) -> None:
    assert spec_of(replace(a_session(), mode=mode, ai_agent={"system_prompt": "Be kind."})) is None


def test_a_help_desk_needs_no_description() -> None:
    spec = spec_of(replace(a_session(), mode=Mode.HELP_CHAT_VOICE))
    assert spec is not None and "passages" in spec.system_prompt


def test_an_agent_thinks_in_its_own_language_or_in_that_of_its_side() -> None:
    session = replace(a_session(), target_language="en", participants=())
    assert language_of(read_spec({"system_prompt": "x", "language": "de"}), session) == "de"
    assert language_of(read_spec({"system_prompt": "x"}), session) == "en"
