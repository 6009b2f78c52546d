"""What the rule pack `Serverless` of cdk-nag finds, and why it stays. Read by `stacks.acknowledgements`."""

from __future__ import annotations

from collections.abc import Iterator

from stacks.known import Known

_SERVERLESS = "Serverless::Serverless-"
_WITH_FUNCTIONS = ("api", "events", "reconcile", "schedule", "telephony", "webhooks")


def serverless() -> Iterator[Known]:
    for stack in _WITH_FUNCTIONS:
        yield Known(
            stack,
            f"{_SERVERLESS}LambdaDLQ",
            "Called by somebody who waits, or by a queue or stream that keeps what failed; what is called without "
            "waiting has a destination, which tells more than a dead letter",
        )
    for queue in ("data/HandoffsFailed", "events/Failed", "telephony/Failed", "webhooks/Failed"):
        yield Known(queue, f"{_SERVERLESS}SQSRedrivePolicy", "This is the queue of the failed itself")
    for stack in ("telephony", "webhooks"):
        yield Known(
            f"{stack}/*/SqsEventSource:*",
            f"{_SERVERLESS}LambdaEventSourceMappingDestination",
            "Queues hand what failed to their own dead letter queues; such a destination is for streams",
        )
    for name in ("push", "push_partial"):
        reason = "What is said in a call is told to those who watch soon or never, and kept for nobody to find later"
        yield Known(f"events/events.{name}", f"{_SERVERLESS}LambdaAsyncFailureDestination", reason)
        yield Known(f"events/{name}.rule", f"{_SERVERLESS}EventBusDLQ", reason)
