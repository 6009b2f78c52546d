"""What stands between a promised call and a carrier."""

from __future__ import annotations

from core.adapters.carriers import telnyx, twilio
from core.adapters.events import SOURCE
from core.domain.events import EventType
from core.domain.legs import ATTEMPT, PLACED_WITHIN
from core.services.placing import SENT_WITHIN
from tests.infrastructure.assembly import Assembly, Resource, text


def test_promises_and_ends_go_through_a_queue_to_the_function_one_by_one(deployment: Assembly) -> None:
    rule = deployment.only("AWS::Events::Rule", "telephony").properties
    assert rule["EventPattern"] == {
        "source": [SOURCE],
        "detail-type": [EventType.DIAL_REQUESTED.value, EventType.HANGUP_REQUESTED.value],
    }
    queue, failed = calls(deployment)
    (target,) = rule["Targets"]
    assert target["Arn"] == {"Fn::GetAtt": [queue.id, "Arn"]}
    assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": [failed.id, "Arn"]}}
    mapping = deployment.only("AWS::Lambda::EventSourceMapping", "telephony").properties
    assert mapping["FunctionName"] == {"Ref": deployment.function("telephony.dial").id}
    assert mapping["EventSourceArn"] == {"Fn::GetAtt": [queue.id, "Arn"]}
    assert (mapping["BatchSize"], mapping["FunctionResponseTypes"]) == (1, ["ReportBatchItemFailures"])
    assert mapping["ScalingConfig"]["MaximumConcurrency"] <= 50


def test_an_attempt_is_over_before_anybody_takes_it_for_a_lost_one(deployment: Assembly) -> None:
    """The function is stopped by Lambda, the message comes again, and only then does somebody look and repeat."""
    stopped_after_s = deployment.function("telephony.dial").properties["Timeout"]
    queue, _ = calls(deployment)
    comes_again_after_s = queue.properties["VisibilityTimeout"]
    assert stopped_after_s < ATTEMPT.total_seconds() < comes_again_after_s
    for timeout_s in (twilio.TIMEOUT_S, telnyx.TIMEOUT_S):
        assert SENT_WITHIN.total_seconds() + timeout_s < stopped_after_s


def test_a_call_is_given_up_before_its_message_is(deployment: Assembly) -> None:
    queue, failed = calls(deployment)
    redrive = queue.properties["RedrivePolicy"]
    assert redrive["deadLetterTargetArn"] == {"Fn::GetAtt": [failed.id, "Arn"]}
    assert redrive["maxReceiveCount"] * queue.properties["VisibilityTimeout"] > PLACED_WITHIN.total_seconds() + 60
    assert failed.properties["MessageRetentionPeriod"] == 14 * 86_400


def test_carriers_are_given_the_address_that_customers_have(deployment: Assembly, production: Assembly) -> None:
    for module in ("telephony.dial", "telephony.webhooks"):
        own = text(deployment.function(module).properties["Environment"]["Variables"]["PUBLIC_URL"])
        assert "Rest" in own and own.endswith(".<AWS::URLSuffix>/api")
        variables = production.function(module).properties["Environment"]["Variables"]
        assert variables["PUBLIC_URL"] == "https://api.example.org"


def calls(deployment: Assembly) -> tuple[Resource, Resource]:
    """The queue, and that of the failed."""
    queues = deployment.resources("AWS::SQS::Queue", "telephony")
    (queue,) = (queue for queue in queues if "RedrivePolicy" in queue.properties)
    (failed,) = (queue for queue in queues if "RedrivePolicy" not in queue.properties)
    return queue, failed
