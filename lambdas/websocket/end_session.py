"""end_session: as `POST /v1/sessions/{id}/end` does it, for who may write sessions or holds the session's own token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.services.subscriptions import EndByWatcher
from lambdas.runtime import socket_wiring
from lambdas.websocket.messages import Answers, EndSession, answered, connection_id, read


def handler(event: Mapping[str, Any], _context: object) -> Mapping[str, Any]:
    return answered(socket_wiring.sockets(), event, lambda asked: end_session(socket_wiring.end_by_watcher(), asked))


def end_session(end: EndByWatcher, event: Mapping[str, Any]) -> Answers:
    asked = read(EndSession, event)
    session = end(connection_id(event), asked.session_id, asked.reason)
    shown = {"type": "ended", "session_id": asked.session_id, "status": session["status"]}
    return [shown | ({"reason": session["end_reason"]} if "end_reason" in session else {})]
