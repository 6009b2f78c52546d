"""Turns, and the transcript they make in four formats."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from core.domain.figures import doubtful
from core.domain.knowledge import Source
from core.domain.sessions import Role, Session, Status


class TranscriptFormat(StrEnum):
    JSON = "json"
    TEXT = "text"
    SRT = "srt"
    VTT = "vtt"


@dataclass(frozen=True, slots=True)
class Translation:
    """`terms_to_check`: what the terminology demands and `text` does not hold."""

    language: str
    text: str
    terms_to_check: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """One final utterance. Times in seconds from the session's first audio; final text never changes again.

    `translation` is for the other side of the call, `further_translations` for participants with other languages;
    `participant` is the speaker's id, where participants have ids. Of an agent of ours it is what was heard:
    `interrupted` when there was more, `sources` what its words rest on.
    """

    id: str
    sequence: int
    speaker: Role
    language: str
    text: str
    timestamp: datetime
    start_s: float
    end_s: float
    confidence: float
    translation: Translation | None = None
    further_translations: tuple[Translation, ...] = ()
    participant: str | None = None
    sources: tuple[Source, ...] = ()
    interrupted: bool = False


def word_count(text: str) -> int:
    return len(text.split())


def turn_object(turn: Turn, *, translated: bool = True) -> dict[str, Any]:
    """A turn as the late generation shows it."""
    shown = {
        "id": turn.id,
        "sequence": turn.sequence,
        "speaker": turn.speaker.value,
        "language": turn.language,
        "text": turn.text,
        "timestamp": turn.timestamp.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "start_time": round(turn.start_s, 3),
        "end_time": round(turn.end_s, 3),
        "confidence": round(turn.confidence, 3),
    }
    if turn.participant is not None:
        shown["participant"] = turn.participant
    shown |= machine_fields(turn.sources, interrupted=turn.interrupted)
    if translated and turn.translation is not None:
        shown["translation"] = translation_object(turn.text, turn.translation)
    if translated and turn.further_translations:
        shown["further_translations"] = [translation_object(turn.text, one) for one in turn.further_translations]
    return shown


def machine_fields(sources: Sequence[Source], *, interrupted: bool) -> dict[str, Any]:
    """What is shown of an agent's turn beside its words; nothing of others."""
    shown: dict[str, Any] = {"interrupted": True} if interrupted else {}
    if sources:
        shown["sources"] = [
            {"document_id": source.document_id, "title": source.title, "place": source.place} for source in sources
        ]
    return shown


def partial_object(
    segment_id: str,
    sequence: int,
    speaker: Role,
    language: str,
    text: str,
    start_s: float,
    end_s: float,
    participant: str | None = None,
) -> dict[str, Any]:
    """What somebody is saying, as the stream shows it; the final of the same id replaces it."""
    shown = {
        "id": segment_id,
        "sequence": sequence,
        "speaker": speaker.value,
        "language": language,
        "text": text,
        "is_final": False,
        "start_time": round(start_s, 3),
        "end_time": round(end_s, 3),
        "confidence": 0.0,
    }  # fmt: skip
    return shown if participant is None else {**shown, "participant": participant}


def translation_object(source: str, translation: Translation) -> dict[str, Any]:
    """With `figures_to_check` where the figures of `source` and those of its translation are not the same, and
    `terms_to_check` where terms got lost."""
    shown: dict[str, Any] = {"language": translation.language, "text": translation.text}
    if figures := doubtful(source, translation.text):
        shown["figures_to_check"] = list(figures)
    if translation.terms_to_check:
        shown["terms_to_check"] = list(translation.terms_to_check)
    return shown


def transcript_object(
    session: Session, turns: Sequence[Turn], now: datetime, *, translated: bool = True
) -> dict[str, Any]:
    """Both generations at once: `turns` (late) and `segments` (early, the translation as a plain string)."""
    languages = sorted({turn.language for turn in turns})
    duration_s = round(session.duration_s(now), 3)
    return {
        "id": f"trn_{session.id}",
        "object": "transcript",
        "session_id": session.id,
        "status": "completed" if session.status is Status.ENDED else "in_progress",
        "language": {"source": session.source_language, "target": session.target_language},
        "turns": [turn_object(turn, translated=translated) for turn in turns],
        "segments": [_segment(turn, translated) for turn in turns],
        "duration": duration_s,
        "word_count": sum(word_count(turn.text) for turn in turns),
        "metadata": {
            "total_turns": len(turns),
            "duration_seconds": duration_s,
            "languages_detected": languages,
        },
    }


def render(turns: Sequence[Turn], form: TranscriptFormat, *, translated: bool = True) -> str:
    """The transcript as text for people or as subtitles; JSON is `transcript_object`."""
    return _RENDERERS[form](turns, translated)


def _segment(turn: Turn, translated: bool) -> dict[str, Any]:
    shown = turn_object(turn, translated=False)
    if translated and turn.translation is not None:
        shown["translation"] = turn.translation.text
    return shown


def _lines(turn: Turn, translated: bool) -> list[str]:
    lines = [f"{turn.speaker.value.capitalize()}: {turn.text}"]
    if translated and turn.translation is not None:
        lines.append(f"[{turn.translation.language}] {turn.translation.text}")
    return lines


def _text(turns: Sequence[Turn], translated: bool) -> str:
    return "".join(f"[{_clock(turn.start_s, '.')}] " + "\n    ".join(_lines(turn, translated)) + "\n" for turn in turns)


def _srt(turns: Sequence[Turn], translated: bool) -> str:
    return "\n".join(
        f"{number}\n{_clock(turn.start_s, ',')} --> {_clock(turn.end_s, ',')}\n"
        + "\n".join(_lines(turn, translated))
        + "\n"
        for number, turn in enumerate(turns, 1)
    )


def _vtt(turns: Sequence[Turn], translated: bool) -> str:
    cues = (
        f"{_clock(turn.start_s, '.')} --> {_clock(turn.end_s, '.')}\n<v {turn.speaker.value.capitalize()}>"
        + "\n".join([_cue(turn.text)] + [_cue(line) for line in _lines(turn, translated)[1:]])
        + "\n"
        for turn in turns
    )
    return "WEBVTT\n\n" + "\n".join(cues)


def _cue(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _clock(seconds: float, mark: str) -> str:
    ms = round(seconds * 1000)
    return f"{ms // 3_600_000:02d}:{ms // 60_000 % 60:02d}:{ms // 1000 % 60:02d}{mark}{ms % 1000:03d}"


_RENDERERS: Mapping[TranscriptFormat, Callable[[Sequence[Turn], bool], str]] = MappingProxyType(
    {TranscriptFormat.TEXT: _text, TranscriptFormat.SRT: _srt, TranscriptFormat.VTT: _vtt}
)
