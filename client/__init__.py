"""A small client of the public API: `KallglotClient` for REST, `Stream` for a call's socket.

It imports nothing of the product, so it shows what any program of a customer can do.
"""

from client.api import ApiError, KallglotClient
from client.stream import Stream, StreamClosed

__all__ = ["ApiError", "KallglotClient", "Stream", "StreamClosed"]
