"""The AsyncAPI 3 document of the sockets, made from the structs that read them and the models of what they are told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from pydantic import BaseModel

from reference.schemas import schemas, tidied
from reference.streams.channels import CHANNELS, QUERY, Channel
from reference.streams.codes import CLOSE_CODES, ERRORS, WATCHER_ERRORS, table

_SCHEMA = "#/components/schemas/"
_SECURITY = {
    "stream": ["streamToken", "streamTokenInQuery"],
    "events": ["apiKey", "apiKeyInHeader", "streamToken", "streamTokenInQuery"],
}
_ABOUT = "The sockets of Kallglot: audio in, transcripts and translated speech out, and events for those who watch."


def document(*, closed: bool = False) -> dict[str, Any]:
    """`closed` forbids fields that are not described, as the tests want it of what we send."""
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Kallglot streams", "version": "v1", "description": _ABOUT},
        "defaultContentType": "application/json",
        "servers": {name: _server(name) for name in ("stream", "events")},
        "channels": {name: _channel(name, channel) for name, channel in CHANNELS.items()},
        "operations": _operations(),
        "components": {
            "messages": {
                f"{name}.{type_name(kind)}": _message(channel, kind, line)
                for name, channel in CHANNELS.items()
                for kind, line in [*channel.heard.items(), *channel.told.items()]
            },
            "schemas": _schemas(closed),
            "securitySchemes": _security_schemes(),
        },
    }


def schema_name(channel: Channel, kind: type) -> str:
    return f"{channel.prefix}{kind.__name__}" if issubclass(kind, msgspec.Struct) else kind.__name__


def type_name(kind: type) -> str:
    return kind.__name__[0].lower() + kind.__name__[1:]


def _server(name: str) -> dict[str, Any]:
    return {
        "host": f"{name}.{{domain}}",
        "protocol": "wss",
        "variables": {"domain": {"default": "example.com", "description": "Where this deployment is."}},
        "security": [{"$ref": f"#/components/securitySchemes/{scheme}"} for scheme in _SECURITY[name]],
    }


def _channel(name: str, channel: Channel) -> dict[str, Any]:
    kinds = [*channel.heard, *channel.told]
    made: dict[str, Any] = {
        "title": channel.title,
        "address": channel.address,
        "description": _told_about(name, channel),
        "servers": [{"$ref": f"#/servers/{channel.server}"}],
        "messages": {type_name(kind): {"$ref": f"#/components/messages/{name}.{type_name(kind)}"} for kind in kinds},
    }
    if "{session_id}" in channel.address:
        made["parameters"] = {"session_id": {"description": "The id of the session, `sess_…`."}}
    if name in QUERY:
        made["bindings"] = {"ws": {"query": {"type": "object", "properties": QUERY[name]}}}
    if channel.server == "stream":
        made["x-close-codes"] = {str(int(code)): meaning for code, meaning in CLOSE_CODES.items()}
    return made


def _told_about(name: str, channel: Channel) -> str:
    if name == "stream":
        codes = {int(code): meaning for code, meaning in CLOSE_CODES.items()}
        return channel.about + table("Close code", codes) + table("Code of `session.error`", ERRORS)
    return channel.about + (table("Code of `error`", WATCHER_ERRORS) if name == "events" else "")


def _operations() -> dict[str, Any]:
    found = {}
    for name, channel in CHANNELS.items():
        found[f"{name}.receive"] = _operation("receive", name, channel.heard, f"{channel.title}: what is taken")
        found[f"{name}.send"] = _operation("send", name, channel.told, f"{channel.title}: what is told")
    return found


def _operation(action: str, name: str, kinds: Iterable[type], title: str) -> dict[str, Any]:
    messages = [{"$ref": f"#/channels/{name}/messages/{type_name(kind)}"} for kind in kinds]
    return {"action": action, "channel": {"$ref": f"#/channels/{name}"}, "title": title, "messages": messages}


def _message(channel: Channel, kind: type, line: str) -> dict[str, Any]:
    payload = {"$ref": f"{_SCHEMA}{schema_name(channel, kind)}"}
    return {"name": word_of(kind), "title": word_of(kind), "summary": line, "payload": payload}


def word_of(kind: type) -> str:
    """What stands in the message itself: its `type`, `event` or `action`."""
    if issubclass(kind, msgspec.Struct):
        return str(kind.__struct_config__.tag)
    fields: Mapping[str, Any] = kind.model_json_schema()["properties"] if issubclass(kind, BaseModel) else {}
    named = next(fields[name] for name in ("type", "event", "action") if name in fields)
    return str(named["const"]) if "const" in named else ", ".join(named["enum"])


def _schemas(closed: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    models: set[type[BaseModel]] = set()
    for channel in CHANNELS.values():
        structs = [kind for kind in channel.heard if issubclass(kind, msgspec.Struct)]
        found |= _of_structs(structs, channel.prefix)
        models |= {kind for kind in [*channel.heard, *channel.told] if issubclass(kind, BaseModel)}
    return found | schemas(models, closed=closed)


def _of_structs(structs: Iterable[type], prefix: str) -> dict[str, Any]:
    _, made = msgspec.json.schema_components(structs, ref_template=f"{_SCHEMA}{prefix}{{name}}")
    return {f"{prefix}{name}": tidied(schema) for name, schema in made.items()}


def _security_schemes() -> dict[str, Any]:
    key, token = "An API key, `sk_…`.", "The token of one session, `kst_…`."
    return {
        "streamToken": {"type": "http", "scheme": "bearer", "description": token},
        "streamTokenInQuery": {"type": "httpApiKey", "in": "query", "name": "token", "description": token},
        "apiKey": {"type": "http", "scheme": "bearer", "description": key},
        "apiKeyInHeader": {"type": "httpApiKey", "in": "header", "name": "X-API-Key", "description": key},
    }
