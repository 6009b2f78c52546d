"""Is a webhook really from your deployment? Ask before you believe it.

    @app.post("/kallglot")                                  # Flask
    def received():
        try:
            event = construct_event(request.get_data(), request.headers[SIGNATURE_HEADER], SECRET)
        except (KeyError, SignatureInvalid):
            return "", 400
        if event.type == "session.ended":
            work.put(event.id, event.data)                  # answer first, work later: 30 s are given
        return "", 204

    @app.post("/kallglot")                                  # FastAPI
    async def received(request: Request) -> Response:
        header = request.headers.get(SIGNATURE_HEADER, "")
        try:
            event = construct_event(await request.body(), header, SECRET)
        except SignatureInvalid:
            return Response(status_code=400)
        ...
        return Response(status_code=204)

Verify the body as it came: JSON that was read and written again is another text. Events come at least once, so remember
their `id`; within a session `sequence` says which came first.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable

from kallglot.errors import SignatureInvalid
from kallglot.objects.reading import shaped
from kallglot.objects.webhooks import Event

SIGNATURE_HEADER = "Kallglot-Signature"
TOLERANCE_S = 300.0
_LONGEST_HEADER = 4096
_MOST_SIGNATURES = 16


def verify_webhook(
    payload: bytes,
    header: str,
    secret: str,
    tolerance_s: float | None = TOLERANCE_S,
    *,
    now: Callable[[], float] = time.time,
) -> None:
    """Returns when one of the header's signatures was made of these very bytes with this secret, not long ago.

    `tolerance_s` is how old, and how far in the future, it may be; None: as it likes. During a rotation of the secret a
    webhook is signed with the old one and the new one, so either will do. Raises SignatureInvalid.
    """
    if not isinstance(payload, bytes):
        raise TypeError("payload is the request's body as it came: bytes, not what was read from them")
    if not secret:
        raise ValueError("without a secret everybody could sign")
    signed_at, signatures = _read(header)
    expected = hmac.new(secret.encode(), b"%d." % signed_at + payload, hashlib.sha256).hexdigest()
    # All of them, whichever fits: how long it takes must not say how far one was right.
    fits = [hmac.compare_digest(expected.encode(), signature.encode()) for signature in signatures]
    if not any(fits):
        raise SignatureInvalid("no signature was made of this body with this secret")
    if tolerance_s is not None and abs(now() - signed_at) > tolerance_s:
        raise SignatureInvalid("the signature is too old or from the future: is this machine's clock right?")


def construct_event(
    payload: bytes,
    header: str,
    secret: str,
    tolerance_s: float | None = TOLERANCE_S,
    *,
    now: Callable[[], float] = time.time,
) -> Event:
    """The event of a webhook that passes `verify_webhook`. Raises SignatureInvalid, or ValueError if it is no event."""
    verify_webhook(payload, header, secret, tolerance_s, now=now)
    raw = json.loads(payload)
    if not isinstance(raw, dict):
        raise ValueError("an event is a JSON object")
    return shaped(Event, raw)


def _read(header: str) -> tuple[int, list[str]]:
    """`t=<unix>,v1=<hex>,v1=<hex>`; other schemes may stand among them."""
    if len(header) > _LONGEST_HEADER:
        raise SignatureInvalid(f"{SIGNATURE_HEADER} is too long")
    parts = [part.strip().partition("=") for part in header.split(",")]
    times = [value for name, _, value in parts if name == "t" and value.isascii() and value.isdigit()]
    signatures = [value for name, _, value in parts if name == "v1" and value]
    if len(times) != 1 or not signatures:
        raise SignatureInvalid(f"{SIGNATURE_HEADER} is missing or not of the form t=…,v1=…")
    return int(times[0]), signatures[:_MOST_SIGNATURES]
