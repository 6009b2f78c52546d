"""The non-fatal `session.error` messages, in one place: code → what a person should know."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from media_worker.messages import Failure

TEXTS: Mapping[str, str] = MappingProxyType(
    {
        "speech_unavailable": "the running engines do not understand speech in this language",
        "translation_unavailable": "the running engines do not translate between these languages",
        "voice_unavailable": "the running engines have no voice for this language",
        "voice_unknown": "the running engines have no voice of the name that was asked for; another one speaks",
        "tool_call_closed": "no tool call of that id waits for an answer",
        "agent_failed": "the agent could not answer this; it said so",
        "agent_limit_reached": "the agent has used what it may use in one session",
        "not_understood": "this was not understood well enough to translate",
        "recognition_failed": "this could not be recognised",
        "recognition_restarted": "recognition stood still; it was started again and hears this from its beginning",
        "recognition_fell_back": "other engines recognise speech for the time being",
        "translation_fell_back": "other engines translate for the time being",
        "speech_fell_back": "other engines speak for the time being; voices may differ",
        "recogniser_overloaded": "recognition is overloaded; this was not heard",
        "translation_failed": "this turn could not be translated",
        "speech_failed": "the translation could not be spoken",
        "speech_skipped": "too much waits to be spoken; this translation is text only",
        "speaker_taken": "another stream carries this speaker's voice",
        "language_unknown": "who typed this has not spoken yet, so its language is not known",
        "too_much_text": "too many texts wait to be translated",
        "transcript_not_saved": "this turn could not be stored",
        "already_authenticated": "this stream has a token already",
        "internal_error": "this was lost by an error of ours",
    }
)


def failure(code: str, language: str | None = None, segment_id: str | None = None) -> Failure:
    text = TEXTS[code]
    return Failure(code, f"{text} ({language})" if language else text, segment_id=segment_id)
