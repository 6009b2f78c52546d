"""$connect: an API key (`sessions:read`), or a stream token with `?session_id=`; in a header or as `?token=`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from core.errors import AuthenticationFailed, KallglotError
from core.services.watchers import WatcherAdmission
from lambdas.rest.errors import failure_of
from lambdas.runtime import socket_wiring
from lambdas.runtime.credentials import AmbiguousCredentials, credential
from lambdas.runtime.telemetry import logger
from lambdas.websocket.messages import ACCEPTED, connection_id


def handler(event: Mapping[str, Any], _context: object) -> Mapping[str, Any]:
    return connect(socket_wiring.watcher_admission(), event)


def connect(admission: WatcherAdmission, event: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        _admit(admission, event)
    except KallglotError as error:
        logger().info("refused", extra={"code": error.code})
        failure = failure_of(error)
        # API Gateway answers a refused upgrade with the status alone; the body is for who reads its log.
        body = failure.body(event["requestContext"]["requestId"], docs_url=None)
        return {"statusCode": failure.status, "body": json.dumps(body)}
    return ACCEPTED


def _admit(admission: WatcherAdmission, event: Mapping[str, Any]) -> None:
    text = _credential(event)
    if text is not None and text.startswith("kst_"):
        session_id = str((event.get("queryStringParameters") or {}).get("session_id") or "")
        admission.with_token(connection_id(event), session_id, text)
    else:
        admission.with_key(connection_id(event), text)


def _credential(event: Mapping[str, Any]) -> str | None:
    try:
        return credential(event, query=True)
    except AmbiguousCredentials:
        raise AuthenticationFailed("invalid_api_key", "more than one credential was given") from None
