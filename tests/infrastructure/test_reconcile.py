"""The hourly repair, and who is told when it, or the sweep, has reason to worry."""

from __future__ import annotations

from typing import Any

from tests.infrastructure.assembly import Assembly, text


def test_the_repair_runs_every_hour_and_a_run_that_failed_is_repeated(deployment: Assembly) -> None:
    schedule = deployment.only("AWS::Scheduler::Schedule", "reconcile").properties
    assert (schedule["ScheduleExpression"], schedule["State"]) == ("rate(1 hour)", "ENABLED")
    assert schedule["Target"]["Arn"] == {"Fn::GetAtt": [deployment.function("scheduled.reconcile").id, "Arn"]}
    assert schedule["Target"]["RetryPolicy"]["MaximumRetryAttempts"] == 2


def test_it_looks_wherever_failed_calls_are_left(deployment: Assembly) -> None:
    """A queue of the failed behind another queue holds messages and no calls."""
    environment = deployment.function("scheduled.reconcile").properties["Environment"]["Variables"]
    left_in = {
        text(found.properties["DestinationConfig"]["OnFailure"]["Destination"])
        for found in deployment.resources("AWS::Lambda::EventInvokeConfig")
        if "DestinationConfig" in found.properties
    }
    queues = {name.strip("<>").removesuffix(".Arn") for name in left_in}
    assert queues
    assert all(queue in text(environment["FAILED_QUEUE_URLS"]) for queue in queues)


def test_events_that_were_never_fanned_out_go_into_their_queue_again(deployment: Assembly) -> None:
    environment = deployment.function("scheduled.reconcile").properties["Environment"]["Variables"]
    waiting = [
        each for each in deployment.resources("AWS::SQS::Queue", "webhooks") if "RedrivePolicy" in each.properties
    ]
    [told] = waiting
    failed = text(told.properties["RedrivePolicy"]["deadLetterTargetArn"]).strip("<>").removesuffix(".Arn")
    # A queue of the same name is in another stack.
    assert any("-webhooks:" in url and failed in url for url in text(environment["FAILED_QUEUE_URLS"]).split(","))
    assert any("-webhooks:" in arn and told.id in arn for arn in text(environment["REDRIVEN"]).split(","))


def test_what_was_not_told_in_time_or_was_given_up_raises_an_alarm(deployment: Assembly) -> None:
    alarms = alarms_on(deployment, "Kallglot/kallglot-dev")
    assert set(alarms) == {"EventsUnpublished", "EventsUnreadable", "CallsGivenUp"}
    for alarm in alarms.values():
        assert alarm["Dimensions"] == [{"Name": "service", "Value": "scheduled.reconcile"}]
        assert (alarm["Threshold"], alarm["Statistic"]) == (1, "Maximum")
        assert alarm["TreatMissingData"] == "notBreaching"


def test_a_sweep_that_does_not_run_raises_an_alarm(deployment: Assembly) -> None:
    alarm = alarms_on(deployment, "AWS/Lambda")["Invocations"]
    assert alarm["Dimensions"][0]["Value"] == {"Ref": deployment.function("scheduled.sweep").id}
    assert (alarm["ComparisonOperator"], alarm["TreatMissingData"]) == ("LessThanThreshold", "breaching")


def alarms_on(deployment: Assembly, namespace: str) -> dict[str, dict[str, Any]]:
    found = deployment.resources("AWS::CloudWatch::Alarm")
    return {
        alarm.properties["MetricName"]: alarm.properties
        for alarm in found
        if alarm.properties["Namespace"] == namespace
    }
