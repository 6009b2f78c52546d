"""WorkerInbox and CommandSource, the two ends of one queue."""

from __future__ import annotations

import pytest

from core.adapters import clients
from core.adapters.sqs import SqsCommands, SqsInbox


@pytest.fixture
def inbox(aws: None) -> SqsInbox:
    return SqsInbox(clients.sqs(), "kallglot-inbox-")


@pytest.fixture
def commands(aws: None) -> SqsCommands:
    return SqsCommands(clients.sqs(), "kallglot-inbox-")


def test_a_command_reaches_its_worker_once(inbox: SqsInbox, commands: SqsCommands) -> None:
    commands.open("w1")

    inbox.send("w1", {"type": "end", "session_id": "sess_1"})

    assert commands.receive(0) == [{"type": "end", "session_id": "sess_1"}]
    assert commands.receive(0) == []


def test_a_command_to_a_worker_that_is_gone_is_no_error(inbox: SqsInbox, commands: SqsCommands) -> None:
    commands.open("w1")
    commands.close()
    commands.close()

    inbox.send("w1", {"type": "end"})
    inbox.send("never-was", {"type": "end"})


def test_a_queue_deleted_by_somebody_else_closes_quietly(commands: SqsCommands) -> None:
    commands.open("w1")
    clients.sqs().delete_queue(QueueUrl=clients.sqs().get_queue_url(QueueName="kallglot-inbox-w1")["QueueUrl"])

    commands.close()


def test_an_inbox_that_is_not_open_is_not_read(commands: SqsCommands) -> None:
    with pytest.raises(RuntimeError, match="not been opened"):
        commands.receive(0)


def test_what_is_no_command_is_passed_over(inbox: SqsInbox, commands: SqsCommands) -> None:
    commands.open("w1")
    url = clients.sqs().get_queue_url(QueueName="kallglot-inbox-w1")["QueueUrl"]
    for body in ("not json", "[1]"):
        clients.sqs().send_message(QueueUrl=url, MessageBody=body)
    inbox.send("w1", {"type": "end"})

    received = [command for _ in range(3) for command in commands.receive(0)]

    assert received == [{"type": "end"}]
