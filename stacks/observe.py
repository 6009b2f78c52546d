"""How the deployment is doing: one dashboard, and alarms on what customers notice."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Duration, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from stacks import metrics, running_costs, symptoms
from stacks.config import Config
from stacks.data import DataStack
from stacks.prices import Prices

_HALF = 12
_WEBHOOKS = "events.deliver"
_REPAIR = "scheduled.reconcile"


class ObserveStack(Stack):
    """Names metrics and takes from other stacks nothing that is ever replaced, so that it holds up no deployment."""

    def __init__(self, scope: Construct, construct_id: str, config: Config, data: DataStack) -> None:
        super().__init__(scope, construct_id, description="Kallglot: dashboard and alarms")
        self._config = config
        self.alarms: list[cloudwatch.IAlarm] = []
        if config.has_alarms:
            self.alarms = [symptoms.alarm(self, found) for found in symptoms.symptoms(config, data.handoffs)]
        if config.has_dashboard:
            self._dashboard()

    def _dashboard(self) -> None:
        board = cloudwatch.Dashboard(
            self, "Dashboard", dashboard_name=self._config.prefix, default_interval=Duration.hours(3)
        )
        if self.alarms:
            board.add_widgets(cloudwatch.AlarmStatusWidget(title="What customers notice", alarms=self.alarms, width=24))
        board.add_widgets(self._sessions(), self._load())
        board.add_widgets(self._first_audio(), self._recognition())
        board.add_widgets(self._webhooks(), self._requests())
        board.add_widgets(self._errors(), self._lost())
        if self._config.sip:
            board.add_widgets(self._telephones(), self._lines())
        board.add_widgets(self._cost())

    def _sessions(self) -> cloudwatch.GraphWidget:
        return _graph("Sessions", [metrics.sessions(self._config)])

    def _load(self) -> cloudwatch.GraphWidget:
        found = [metrics.of_worker(self._config, "Load", each, label=each.lower()) for each in ("Average", "Maximum")]
        return _graph("Load of the workers (%), and how many there are", found, [running_costs.workers(self._config)])

    def _cost(self) -> cloudwatch.GraphWidget:
        """By list prices, of what is there whether or not it is used."""
        prices = Prices()
        return _graph(
            "Workers, network and engines, by list prices ($)",
            [running_costs.a_session_minute(self._config, prices)],
            [running_costs.an_hour(self._config, prices)],
        )

    def _first_audio(self) -> cloudwatch.GraphWidget:
        return self._percentiles("End of speech to first translated sound (ms)", "FirstAudioMs")

    def _recognition(self) -> cloudwatch.GraphWidget:
        return self._percentiles("Recognition behind the end of speech (ms)", "RecognitionMs")

    def _webhooks(self) -> cloudwatch.GraphWidget:
        names = ("Succeeded", "Failed", "Skipped", "NoRoom")
        return _graph(
            "Webhooks: attempts",
            [metrics.counted(self._config, _WEBHOOKS, f"Webhook{name}", label=name) for name in names],
        )

    def _requests(self) -> cloudwatch.GraphWidget:
        return _graph(
            "Requests, and how long they take (ms)",
            [metrics.of_api(self._config, "Count", label="requests")],
            [metrics.of_api(self._config, "Latency", each, label=each) for each in ("p50", "p95")],
        )

    def _errors(self) -> cloudwatch.GraphWidget:
        return _graph(
            "Errors of ours",
            [
                metrics.of_api(self._config, "5XXError", label="requests answered with 5xx"),
                metrics.of_worker(self._config, "Faults", label="sentences lost in calls"),
                metrics.counted(self._config, _WEBHOOKS, "WebhookNotAttempted", label="webhooks not attempted"),
                metrics.counted(self._config, "scheduled.sweep", "SessionsNotExpired", label="sessions not ended"),
            ],
            [metrics.of_worker(self._config, "FaultPercent", "Average", label="% of what was said")],
        )

    def _lost(self) -> cloudwatch.GraphWidget:
        return _graph(
            "Found by the hourly repair",
            [
                metrics.counted(self._config, _REPAIR, name, label=name)
                for name in ("EventsUnpublished", "EventsUnreadable", "CallsGivenUp")
            ],
        )

    def _telephones(self) -> cloudwatch.GraphWidget:
        names = {"CallsTaken": "taken", "CallsRefused": "refused", "CallsNotServed": "not served"}
        return _graph(
            "Calls by SIP, and the load of their gateways (%)",
            [metrics.of_gateway(self._config, name, label=label) for name, label in names.items()],
            [metrics.of_gateway(self._config, "Load", each, label=each.lower()) for each in ("Average", "Maximum")],
        )

    def _lines(self) -> cloudwatch.GraphWidget:
        return _graph(
            "Sound that comes by SIP: lost (%), and its jitter (ms)",
            [metrics.of_gateway(self._config, "LostPercent", "p95", label="lost, p95")],
            [metrics.of_gateway(self._config, "JitterMs", "p95", label="jitter, p95")],
        )

    def _percentiles(self, title: str, name: str) -> cloudwatch.GraphWidget:
        return _graph(title, [metrics.of_worker(self._config, name, each, label=each) for each in ("p50", "p95")])


def _graph(
    title: str, left: Sequence[cloudwatch.IMetric], right: Sequence[cloudwatch.IMetric] = ()
) -> cloudwatch.GraphWidget:
    from_zero = cloudwatch.YAxisProps(min=0, show_units=False)
    return cloudwatch.GraphWidget(
        title=title, left=list(left), right=list(right), left_y_axis=from_zero, right_y_axis=from_zero, width=_HALF
    )


def tell(scope: Construct, topic: str) -> None:
    """Every alarm of the deployment, wherever it is declared, tells the topic that it is raised and that it is over."""
    for found in scope.node.find_all():
        if isinstance(found, cloudwatch.CfnAlarm):
            found.alarm_actions = found.ok_actions = [topic]
