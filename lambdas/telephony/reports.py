"""The carriers' words for what becomes of a call → ours. A word that is not here says nothing of it.

Source: Twilio's page "Call resource" (statuses), which TeXML follows; Telnyx's page "Receiving webhooks" (events and
hangup causes).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from core.domain.legs import LegEnd, LegStatus, Report

_BY_CALL_STATUS: Mapping[str, Report] = MappingProxyType(
    {
        "queued": Report(LegStatus.DIALING),
        "initiated": Report(LegStatus.DIALING),
        "ringing": Report(LegStatus.RINGING),
        "in-progress": Report(LegStatus.CONNECTED),
        "answered": Report(LegStatus.CONNECTED),
        "completed": Report(LegStatus.ENDED, LegEnd.COMPLETED),
        "busy": Report(LegStatus.ENDED, LegEnd.BUSY),
        "no-answer": Report(LegStatus.ENDED, LegEnd.NO_ANSWER),
        "canceled": Report(LegStatus.ENDED, LegEnd.CANCELED),
        "failed": Report(LegStatus.ENDED, LegEnd.FAILED),
    }
)
_BY_TELNYX_EVENT: Mapping[str, Report] = MappingProxyType(
    {
        "call.initiated": Report(LegStatus.DIALING),
        "call.ringing": Report(LegStatus.RINGING),
        "call.answered": Report(LegStatus.CONNECTED),
    }
)
_BY_HANGUP_CAUSE: Mapping[str, LegEnd] = MappingProxyType(
    {
        "normal_clearing": LegEnd.COMPLETED,
        "time_limit": LegEnd.COMPLETED,
        "user_busy": LegEnd.BUSY,
        "call_rejected": LegEnd.BUSY,
        "timeout": LegEnd.NO_ANSWER,
        "no_answer": LegEnd.NO_ANSWER,
        "originator_cancel": LegEnd.CANCELED,
    }
)


def of_call_status(word: str) -> Report | None:
    return _BY_CALL_STATUS.get(word)


def of_telnyx_event(kind: str, hangup_cause: str) -> Report | None:
    if kind == "call.hangup":
        return Report(LegStatus.ENDED, _BY_HANGUP_CAUSE.get(hangup_cause, LegEnd.FAILED))
    return _BY_TELNYX_EVENT.get(kind)
