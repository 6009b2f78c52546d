"""WebSockets that we open ourselves: to other workers, and from telephones into their sessions."""

from __future__ import annotations

import aiohttp


def http_session() -> aiohttp.ClientSession:
    """As many at once as are wanted: a connection stays taken for as long as its call, and aiohttp's own limit is 100.

    They go to their place directly, whatever proxy the rest of the world takes.
    """
    connector = aiohttp.TCPConnector(limit=0)
    return aiohttp.ClientSession(connector=connector, trust_env=False, cookie_jar=aiohttp.DummyCookieJar())
