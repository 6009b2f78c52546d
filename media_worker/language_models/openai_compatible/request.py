"""A prompt as a request for chat completions. Pure. Source: OpenAI's API reference, "Create chat completion"."""

from __future__ import annotations

import json
from typing import Any

from core.domain.agents import ToolDeclaration
from media_worker.language_models.base import Message, Prompt, Speaker, ToolRequest
from media_worker.language_models.history import merged, repaired
from media_worker.language_models.prompts import instructions


def request(prompt: Prompt, model: str, limit_field: str) -> dict[str, Any]:
    """`limit_field` is what this server calls the most tokens of an answer."""
    asked: dict[str, Any] = {
        "model": model,
        "messages": [{"role": "system", "content": instructions(prompt)}, *map(_message, _steps(prompt))],
        "stream": True,
        "stream_options": {"include_usage": True},
        limit_field: prompt.max_tokens,
    }
    if prompt.temperature is not None:
        asked["temperature"] = prompt.temperature
    if prompt.tools:
        asked["tools"] = [_tool(tool) for tool in prompt.tools]
    return asked


def _steps(prompt: Prompt) -> list[Message]:
    return merged(repaired(prompt.messages))


def _message(message: Message) -> dict[str, Any]:
    if message.speaker is Speaker.CALLER:
        return {"role": "user", "content": message.text}
    if message.speaker is Speaker.TOOL:
        return {"role": "tool", "tool_call_id": message.answers, "content": message.text}
    said: dict[str, Any] = {"role": "assistant", "content": message.text or None}
    if message.requests:
        said["tool_calls"] = [_call(request) for request in message.requests]
    return said


def _call(request: ToolRequest) -> dict[str, Any]:
    arguments = json.dumps(dict(request.arguments), ensure_ascii=False)
    return {"id": request.id, "type": "function", "function": {"name": request.name, "arguments": arguments}}


def _tool(tool: ToolDeclaration) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": dict(tool.parameters)}
    return {"type": "function", "function": function}
