"""What a client says that concerns its own leg only."""

from __future__ import annotations

import logging

from core.errors import InvalidRequest
from media_worker.closing import CloseCode
from media_worker.messages import (
    Authentication,
    CarrierTrouble,
    ClientMessage,
    Control,
    ControlAction,
    Failure,
    Marked,
    Ping,
    Pong,
    Refused,
)
from media_worker.pipeline import notices
from media_worker.pipeline.leg import Leg

_log = logging.getLogger(__name__)


def answer(leg: Leg, message: ClientMessage, now: float, session_id: str) -> bool:
    """False when it concerns the session, which then has to answer."""
    match message:
        case Ping():
            leg.send(Pong())
        case Refused():
            leg.fail(Failure(message.code, message.message), now)
        case Marked():
            leg.marked(message.name)
        case CarrierTrouble():
            _log.warning("a carrier complains", extra={"session_id": session_id, "code": message.code})
        case Authentication():
            _introduce(leg, message, now)
        case Control():
            return _switch(leg, message.action)
        case _:
            return False
    return True


def _introduce(leg: Leg, message: Authentication, now: float) -> None:
    try:
        if not leg.introduce(message.participant, original_voice=message.original_voice):
            leg.fail(notices.failure("already_authenticated"), now)
    except InvalidRequest as error:
        leg.close(CloseCode.BAD_MESSAGE, error.code)


def _switch(leg: Leg, action: ControlAction) -> bool:
    """Muting and the original voice are the leg's own; a pause is everybody's."""
    if action in (ControlAction.MUTE, ControlAction.UNMUTE):
        leg.muted = action is ControlAction.MUTE
        return True
    if action in (ControlAction.ORIGINAL_VOICE_ON, ControlAction.ORIGINAL_VOICE_OFF):
        leg.wants_original = action is ControlAction.ORIGINAL_VOICE_ON
        return True
    return False
