"""A prompt as a request of ConverseStream. Pure. Source: the Bedrock API reference, "ConverseStream"."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from core.domain.agents import ToolDeclaration
from media_worker.language_models.base import Message, Prompt, Speaker
from media_worker.language_models.history import repaired
from media_worker.language_models.prompts import instructions


def request(prompt: Prompt, model: str) -> dict[str, Any]:
    inference: dict[str, Any] = {"maxTokens": prompt.max_tokens}
    if prompt.temperature is not None:
        inference["temperature"] = prompt.temperature
    asked: dict[str, Any] = {
        "modelId": model,
        "system": [{"text": instructions(prompt)}],
        "messages": _turns(prompt),
        "inferenceConfig": inference,
    }
    if prompt.tools:
        asked["toolConfig"] = {"tools": [_tool(tool) for tool in prompt.tools]}
    return asked


def _turns(prompt: Prompt) -> list[dict[str, Any]]:
    """The two sides in turns, as it must be; what tools answered is on the caller's side. Without tools the service
    refuses what was asked of them earlier."""
    blocks = [
        block
        for message in repaired(prompt.messages)
        for block in _blocks(message)
        if prompt.tools or "text" in block[1]
    ]
    return [
        {"role": role, "content": [block for _, block in of_one]}
        for role, of_one in groupby(blocks, key=lambda one: one[0])
    ]


def _blocks(message: Message) -> Iterator[tuple[str, dict[str, Any]]]:
    if message.speaker is Speaker.TOOL:
        yield "user", {"toolResult": _result(message)}
        return
    role = "user" if message.speaker is Speaker.CALLER else "assistant"
    if message.text.strip():
        yield role, {"text": message.text}
    for request in message.requests:
        yield role, {"toolUse": {"toolUseId": request.id, "name": request.name, "input": dict(request.arguments)}}


def _result(message: Message) -> dict[str, Any]:
    return {
        "toolUseId": message.answers,
        "content": [{"text": message.text or "null"}],
        "status": "error" if message.failed else "success",
    }


def _tool(tool: ToolDeclaration) -> dict[str, Any]:
    spec: dict[str, Any] = {"name": tool.name, "inputSchema": {"json": dict(tool.parameters)}}
    if tool.description:
        spec["description"] = tool.description
    return {"toolSpec": spec}
