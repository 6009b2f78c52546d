"""Messages of the events socket, as models, and answers as messages: errors have one shape."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.domain.sessions import EndReason
from core.domain.watching import MESSAGE_BYTES
from core.errors import InvalidRequest, KallglotError, PayloadTooLarge
from core.watcher_ports import WatcherSockets
from lambdas.runtime.telemetry import describe, logger

Message = TypeVar("Message", bound=BaseModel)
Answers = Iterable[Mapping[str, Any]]
SessionId = Annotated[str, Field(max_length=64)]
ACCEPTED: Mapping[str, Any] = {"statusCode": 200}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class AnyAction(BaseModel):
    """What every message has; the rest is the action's business."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    action: Annotated[str, Field(min_length=1, max_length=64)]


class Subscribe(_Strict):
    """`last_sequence` is the last final that the client has; those after it are told again."""

    action: Literal["subscribe"]
    session_id: SessionId
    last_sequence: Annotated[int, Field(ge=0, le=99_999_999)] | None = None


class Unsubscribe(_Strict):
    action: Literal["unsubscribe"]
    session_id: SessionId


class Ping(_Strict):
    action: Literal["ping"]


class EndSession(_Strict):
    action: Literal["end_session"]
    session_id: SessionId
    reason: EndReason = EndReason.COMPLETED


class _Addressed(BaseModel):
    """As much of a message as an error says it is about."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    action: Annotated[str, Field(max_length=64)] | None = None
    session_id: SessionId | None = None


def read(model: type[Message], event: Mapping[str, Any]) -> Message:
    """Raises InvalidRequest or PayloadTooLarge; the message itself is not quoted."""
    body = event.get("body") or ""
    if len(body.encode(errors="surrogatepass")) > MESSAGE_BYTES:
        raise PayloadTooLarge("message_too_large", f"a message has at most {MESSAGE_BYTES} bytes")
    try:
        return model.model_validate_json(body)
    except ValidationError:
        raise InvalidRequest("invalid_message", "the message is not JSON of the documented shape") from None


def error_message(event: Mapping[str, Any], code: str, text: str) -> dict[str, Any]:
    """With what it is about, as far as that can be read."""
    try:
        about = read(_Addressed, event).model_dump(exclude_none=True)
    except InvalidRequest:
        about = {}
    return {"type": "error", **about, "error": {"code": code, "message": text}}


def connection_id(event: Mapping[str, Any]) -> str:
    return str(event["requestContext"]["connectionId"])


def answered(
    sockets: WatcherSockets, event: Mapping[str, Any], act: Callable[[Mapping[str, Any]], Answers]
) -> Mapping[str, Any]:
    """Run `act` and send what it returns, or what went wrong, to the connection that asked."""
    connection = connection_id(event)
    for answer in _answers(event, act):
        if not sockets.push(connection, answer):
            break
    return ACCEPTED


def _answers(event: Mapping[str, Any], act: Callable[[Mapping[str, Any]], Answers]) -> Answers:
    told = {"connection": connection_id(event)}
    try:
        return act(event)
    except KallglotError as error:
        logger().info("refused", extra={"code": error.code, **told})
        return [error_message(event, error.code, error.message)]
    except Exception as error:
        logger().error("unexpected", extra={**describe(error), **told})
        return [error_message(event, "internal_error", "Something failed on our side.")]
