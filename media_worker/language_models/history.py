"""A conversation as providers insist on having it: no request without an answer, no answer without one. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from media_worker.language_models.base import Message, Speaker

OPENING = "(The call has just been connected. Greet the caller.)"
_UNANSWERED = '{"error": "no_answer"}'


def repaired(messages: Sequence[Message]) -> list[Message]:
    """Begins with the caller; a request that nobody answered has failed, an answer to none is left out, and so is an
    agent's step that neither said nor asked for anything, as when it was cut short at once."""
    whole = list(_paired([one for one in messages if one.speaker is not Speaker.AGENT or one.text or one.requests]))
    if not whole or whole[0].speaker is not Speaker.CALLER:
        whole.insert(0, Message(Speaker.CALLER, OPENING))
    return whole


def _paired(messages: Sequence[Message]) -> Iterator[Message]:
    """Answers follow their requests at once, in the order of these, wherever they came."""
    answers = {message.answers: message for message in messages if message.speaker is Speaker.TOOL}
    for message in messages:
        if message.speaker is not Speaker.TOOL:
            yield message
        for request in message.requests:
            found = answers.get(request.id)
            yield found or Message(Speaker.TOOL, _UNANSWERED, answers=request.id, failed=True)


def merged(messages: Sequence[Message]) -> list[Message]:
    """Of steps that the caller took one after the other, one."""
    whole: list[Message] = []
    for message in messages:
        if whole and message.speaker is whole[-1].speaker is Speaker.CALLER:
            whole[-1] = replace(whole[-1], text=f"{whole[-1].text}\n{message.text}")
        else:
            whole.append(message)
    return whole
