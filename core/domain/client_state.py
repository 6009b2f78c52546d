"""What Telnyx carries for us with a call that we have dialed, and gives back: which leg it is, and how it streams."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field

_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class ClientState:
    session_id: str
    leg_id: str
    participant: str
    token: str = field(repr=False)


def packed(state: ClientState) -> str:
    """Base64, as Telnyx wants it."""
    fields = {"s": state.session_id, "l": state.leg_id, "p": state.participant, "t": state.token}
    return base64.b64encode(json.dumps(fields, separators=(",", ":")).encode()).decode()


def unpacked(text: str | None) -> ClientState | None:
    """None for what is not ours."""
    if not text or len(text) > _LONGEST:
        return None
    try:
        fields = json.loads(base64.b64decode(text, validate=True))
        state = ClientState(fields["s"], fields["l"], fields["p"], fields["t"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        return None
    values = (state.session_id, state.leg_id, state.participant, state.token)
    return state if all(isinstance(value, str) for value in values) else None
