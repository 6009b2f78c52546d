"""REST, contract sections 2 to 5: one method a route.

Calls that failed for the moment are made again, a few times: an idempotency key goes with everything that must
not happen twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import httpx

_TIMEOUT_S = 30.0
_TRIES = 4
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 10.0
_TRY_AGAIN = frozenset({0, 429, 502, 503, 504})
Json = dict[str, Any]
Sleep = Callable[[float], Awaitable[None]]


class ApiError(Exception):
    """A refusal. `code`, `param` and `request_id` are the envelope's; `status` is 0 when nothing answered."""

    def __init__(self, status: int, error: Mapping[str, Any]) -> None:
        self.status = status
        self.type = str(error.get("type", ""))
        self.code = str(error.get("code", ""))
        self.param = error.get("param")
        self.request_id = error.get("request_id")
        self.retry_after_s = error.get("retry_after")
        super().__init__(f"{status} {self.code}: {error.get('message', '')}")

    @property
    def may_pass(self) -> bool:
        """The same call may succeed later."""
        return self.status in _TRY_AGAIN or (self.status == 409 and self.retry_after_s is not None)


class KallglotClient:
    """Asynchronous; use it as a context manager, or `close` it."""

    def __init__(
        self,
        api_url: str,
        api_key: str,
        *,
        timeout_s: float = _TIMEOUT_S,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """`api_url` is the host with or without `/v1`."""
        self._sleep = sleep
        base = api_url.rstrip("/").removesuffix("/v1")
        headers = {"Authorization": f"Bearer {api_key}", "Accept": "application/json"}
        self._http = httpx.AsyncClient(base_url=f"{base}/v1", headers=headers, timeout=timeout_s, transport=transport)

    async def create_session(self, *, idempotency_key: str | None = None, **fields: Any) -> Json:
        headers = {"Idempotency-Key": idempotency_key or str(uuid4())}
        return self._json(await self._send("POST", "/sessions", json=fields, headers=headers))

    async def get(self, session_id: str) -> Json:
        return self._json(await self._send("GET", f"/sessions/{session_id}"))

    async def end(self, session_id: str, reason: str | None = None) -> Json:
        body = {"reason": reason} if reason else {}
        return self._json(await self._send("POST", f"/sessions/{session_id}/end", json=body))

    async def transcript(self, session_id: str) -> Json:
        return self._json(await self._send("GET", f"/sessions/{session_id}/transcript"))

    async def transcript_text(self, session_id: str, form: str = "text") -> str:
        """`form` is `text`, `srt` or `vtt`."""
        return (await self._send("GET", f"/sessions/{session_id}/transcript", params={"format": form})).text

    async def languages(self) -> Json:
        return self._json(await self._send("GET", "/languages"))

    async def wait_until(self, session_id: str, *, status: str = "ended", timeout_s: float = 30.0) -> Json:
        """Ask twice a second until the session has this status; TimeoutError when it does not come."""
        async with asyncio.timeout(timeout_s):
            while (session := await self.get(session_id))["status"] != status:
                await self._sleep(0.5)
        return session

    async def close(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        pause_s = _FIRST_PAUSE_S
        for _ in range(_TRIES - 1):
            try:
                return await self._send_once(method, path, **options)
            except ApiError as error:
                if not error.may_pass:
                    raise
                await self._sleep(min(float(error.retry_after_s or pause_s), _LONGEST_PAUSE_S))
                pause_s *= 2
        return await self._send_once(method, path, **options)

    async def _send_once(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            response = await self._http.request(method, path, **options)
        except httpx.TransportError as error:
            raise ApiError(0, {"code": "unreachable", "message": type(error).__name__}) from error
        if response.is_error:
            raise ApiError(response.status_code, _envelope(response))
        return response

    @staticmethod
    def _json(response: httpx.Response) -> Json:
        body: Json = response.json()
        return body


def _envelope(response: httpx.Response) -> Mapping[str, Any]:
    """The error object, or what can be said of an answer that wears no envelope."""
    try:
        error = response.json()["error"]
    except (ValueError, KeyError, TypeError):
        error = None
    return error if isinstance(error, dict) else {"code": "unexpected_answer", "message": response.reason_phrase}
