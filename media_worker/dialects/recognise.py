"""Which dialect a socket speaks, told by its first frame."""

from __future__ import annotations

from media_worker.dialects.base import Dialect
from media_worker.dialects.native import NativeDialect


def recognise(first_frame: bytes | None, session_id: str) -> Dialect:
    """None when the token came with the upgrade: such a client expects to be greeted first.

    Carriers will be told apart here by their `connected` event; everything else is the product's own JSON.
    """
    return NativeDialect(session_id)
