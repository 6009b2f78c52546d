"""Messages of the events socket, as models, and errors as messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import InvalidRequest, KallglotError
from lambdas.runtime.telemetry import describe, logger
from lambdas.runtime.wiring import Socket

Message = TypeVar("Message", bound=BaseModel)
ACCEPTED: Mapping[str, Any] = {"statusCode": 200}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class AnyAction(BaseModel):
    """What every message has; the rest is the action's business."""

    model_config = ConfigDict(extra="ignore", strict=True, frozen=True)

    action: Annotated[str, Field(min_length=1, max_length=64)]


class Subscribe(_Strict):
    action: Literal["subscribe"]
    session_id: Annotated[str, Field(max_length=64)]


class Unsubscribe(_Strict):
    action: Literal["unsubscribe"]
    session_id: Annotated[str, Field(max_length=64)]


def read(model: type[Message], event: Mapping[str, Any]) -> Message:
    """Raises InvalidRequest; the message itself is not quoted."""
    try:
        return model.model_validate_json(event.get("body") or "")
    except ValidationError:
        raise InvalidRequest("invalid_message", "the message is not JSON of the documented shape") from None


def error_message(code: str, text: str) -> dict[str, Any]:
    return {"type": "error", "error": {"code": code, "message": text}}


def connection_id(event: Mapping[str, Any]) -> str:
    return str(event["requestContext"]["connectionId"])


def answered(
    socket: Socket, event: Mapping[str, Any], act: Callable[[Mapping[str, Any]], Mapping[str, Any]]
) -> Mapping[str, Any]:
    """Run `act` and send what it returns, or what went wrong, to the connection that asked."""
    connection = connection_id(event)
    try:
        answer = act(event)
    except KallglotError as error:
        logger().info("refused", extra={"code": error.code, "connection": connection})
        answer = error_message(error.code, error.message)
    except Exception as error:
        logger().error("unexpected", extra={**describe(error), "connection": connection})
        answer = error_message("internal_error", "Something failed on our side.")
    socket.sockets.push(connection, answer)
    return ACCEPTED
