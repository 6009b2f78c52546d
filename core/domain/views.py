"""The session object as every client sees it: REST answers and events are made from this one function."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from core.domain.access import StreamToken
from core.domain.sessions import WITH_AGENT, Provider, Recording, Session, Status, Usage


def timestamp(at: datetime | None) -> str | None:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def stream_object(base_url: str, session_id: str, token: StreamToken) -> dict[str, Any]:
    return {
        "url": f"{base_url.rstrip('/')}/v1/sessions/{session_id}/connect",
        "token": token.text,
        "expires_at": timestamp(token.expires_at),
    }


def created_object(session: Session, stream: dict[str, Any]) -> dict[str, Any]:
    """The answer to a create: no clocks yet."""
    return _identity(session) | _without_none(
        {
            "stream": stream,
            "provider": _provider(session.provider),
            "participants": _participants(session),
            "ai_agent": _ai_agent(session),
            "recording": _recording(session.recording),
            "metadata": dict(session.metadata),
            "created_at": timestamp(session.created_at),
        }
    )


def session_object(session: Session, now: datetime, stream: dict[str, Any] | None = None) -> dict[str, Any]:
    """The session at `now`; `stream` is left out once it has ended, and in events."""
    ended = session.status is Status.ENDED
    shown = _identity(session) | _without_none(
        {
            "stream": None if ended else stream,
            "provider": _provider(session.provider),
            "participants": _participants(session),
            "ai_agent": _ai_agent(session),
            "duration": round(session.duration_s(now), 3),
            "recording": _recording(session.recording),
            "transcript": {"available": session.turn_count > 0, "word_count": session.word_count},
            "usage": usage_object(session.usage),
            "metadata": dict(session.metadata),
            "created_at": timestamp(session.created_at),
        }
    )
    shown |= {"started_at": timestamp(session.started_at), "ended_at": timestamp(session.ended_at)}
    if ended and session.end_reason:
        shown["end_reason"] = session.end_reason.value
    return shown


def usage_object(usage: Usage) -> dict[str, float]:
    return {
        "active_seconds": round(usage.active_s, 3),
        "translation_seconds": round(usage.translation_s, 3),
        "ai_agent_seconds": round(usage.ai_agent_s, 3),
    }


def _identity(session: Session) -> dict[str, Any]:
    return {
        "id": session.id,
        "object": "session",
        "status": session.status.value,
        "mode": session.mode.value,
        "source_language": session.source_language,
        "target_language": session.target_language,
    }


def _provider(provider: Provider | None) -> dict[str, Any] | None:
    if provider is None:
        return None
    known = {"type": provider.type, "phone_number": provider.phone_number, "status": provider.status.value}
    return _without_none({**known, **provider.details})


def _participants(session: Session) -> list[dict[str, Any]] | None:
    return [
        _without_none({"type": p.type.value, "language": p.language, "id": p.id, "name": p.name})
        for p in session.participants
    ] or None


def _ai_agent(session: Session) -> dict[str, Any] | None:
    """Which agent it is; of one that was described with the session, the description without its system prompt and
    with the tools' names alone: a session is told in many places, and all of that would be too much for them."""
    if session.mode not in WITH_AGENT or session.ai_agent is None:
        return None
    if "id" in session.ai_agent:
        return {name: session.ai_agent.get(name) for name in ("id", "version")}
    shown = {name: value for name, value in session.ai_agent.items() if name != "system_prompt"}
    return shown | ({"tools": [{"name": tool["name"]} for tool in shown["tools"]]} if shown.get("tools") else {})


def _recording(recording: Recording) -> dict[str, Any]:
    if not recording.enabled:
        return {"enabled": False}
    return _without_none(
        {
            "enabled": True,
            "channels": recording.channels.value,
            "id": recording.id,
            "duration": recording.duration_s,
        }
    )


def _without_none(fields: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in fields.items() if value is not None}
