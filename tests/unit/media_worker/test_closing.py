from __future__ import annotations

import pytest

from core.errors import AuthenticationFailed, Conflict, KallglotError, NotFound, RateLimited, Unavailable
from core.services.streams import HeldElsewhere, ReconnectWindowOver, SessionEnded
from media_worker.closing import close_code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (AuthenticationFailed("invalid_stream_token", ""), 4401),
        (NotFound("session_not_found", ""), 4404),
        (SessionEnded("sess_1"), 4409),
        (ReconnectWindowOver("sess_1"), 4410),
        (RateLimited("too_many_streams", ""), 4429),
        (HeldElsewhere("sess_1", "worker_2"), 1012),
        (Conflict("session_busy", ""), 1012),
        (Unavailable("dynamodb_unavailable", ""), 1012),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, KallglotError) else str(value),
)
def test_every_refusal_has_its_close_code(error: KallglotError, code: int) -> None:
    assert close_code(error) == code
