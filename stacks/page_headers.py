"""What goes along with the console's page, on the laptop and in AWS: what it may do, and how long it may be kept.

Knows nothing of CDK, so that the front door of a local stack sends the very same.
"""

from __future__ import annotations

from collections.abc import Sequence

FRESH = "no-cache"
KEPT = "public, max-age=31536000, immutable"
"""Of files whose names carry a hash of what is in them."""

POLICY = "Content-Security-Policy"


def page_headers(events_url: str, recordings: Sequence[str]) -> dict[str, str]:
    """Nothing runs that did not come from here; nothing is asked of anybody but the API, its streams and recordings.

    The API and its streams are at the page's own host, which `'self'` means for `wss:` too. `events_url` is the socket
    of those who watch, `recordings` are the origins that recordings are downloaded from.
    """
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "connect-src": f"'self' {events_url.partition('?')[0]}",
        "media-src": " ".join(recordings),
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    return {
        POLICY: "; ".join(f"{name} {sources}" for name, sources in policy.items()),
        "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
