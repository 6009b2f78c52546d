"""The way in by request: REST with an authorizer in front of one function."""

from __future__ import annotations

from dataclasses import dataclass

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_route53_targets as targets
from constructs import Construct

from stacks import carriers, gateway
from stacks.config import Config
from stacks.constructs import grants
from stacks.constructs.firewall import Firewall
from stacks.constructs.function import Function
from stacks.data import FILES, UPLOADS, DataStack
from stacks.events import EventsStack
from stacks.front import addresses
from stacks.media import MediaStack
from stacks.names import NamesStack
from stacks.refusals import REFUSALS
from stacks.shield import ShieldStack


@dataclass(frozen=True)
class Route:
    """`scope` is what the API key must carry; the function checks it, since refusals are worded there.

    None: no API key is asked for, and no authorizer.
    """

    method: str
    path: str
    scope: str | None


ROUTES = (
    Route("POST", "/v1/sessions", "sessions:write"),
    Route("GET", "/v1/sessions", "sessions:read"),
    Route("GET", "/v1/sessions/{id}", "sessions:read"),
    Route("POST", "/v1/sessions/{id}/end", "sessions:write"),
    Route("POST", "/v1/sessions/{id}/dial", "sessions:write"),
    Route("POST", "/v1/sessions/{id}/tool_results", "sessions:write"),
    Route("GET", "/v1/sessions/{id}/transcript", "sessions:read"),
    Route("GET", "/v1/sessions/{id}/recordings", "recordings:read"),
    Route("GET", "/v1/recordings/{id}", "recordings:read"),
    Route("DELETE", "/v1/recordings/{id}", "recordings:delete"),
    Route("GET", "/v1/recordings/{id}/audio", "recordings:read"),
    Route("GET", "/v1/usage", "sessions:read"),
    Route("GET", "/v1/languages", "sessions:read"),
    Route("POST", "/v1/agents", "agents:write"),
    Route("GET", "/v1/agents", "agents:read"),
    Route("GET", "/v1/agents/{id}", "agents:read"),
    Route("PATCH", "/v1/agents/{id}", "agents:write"),
    Route("DELETE", "/v1/agents/{id}", "agents:write"),
    Route("GET", "/v1/agents/{id}/versions", "agents:read"),
    Route("GET", "/v1/agents/{id}/versions/{version}", "agents:read"),
    Route("POST", "/v1/api_keys", "keys:manage"),
    Route("GET", "/v1/api_keys", "keys:manage"),
    Route("GET", "/v1/api_keys/{id}", "keys:manage"),
    Route("DELETE", "/v1/api_keys/{id}", "keys:manage"),
    Route("GET", "/v1/sip", "keys:manage"),
    Route("PATCH", "/v1/sip", "keys:manage"),
    Route("POST", "/v1/sip_credentials", "keys:manage"),
    Route("GET", "/v1/sip_credentials", "keys:manage"),
    Route("GET", "/v1/sip_credentials/{id}", "keys:manage"),
    Route("DELETE", "/v1/sip_credentials/{id}", "keys:manage"),
    Route("POST", "/v1/sip_credentials/{id}/rotate", "keys:manage"),
    Route("POST", "/v1/webhook_endpoints", "webhooks:manage"),
    Route("GET", "/v1/webhook_endpoints", "webhooks:manage"),
    Route("GET", "/v1/webhook_endpoints/{id}", "webhooks:manage"),
    Route("PATCH", "/v1/webhook_endpoints/{id}", "webhooks:manage"),
    Route("DELETE", "/v1/webhook_endpoints/{id}", "webhooks:manage"),
    Route("POST", "/v1/webhook_endpoints/{id}/test", "webhooks:manage"),
    Route("POST", "/v1/webhook_endpoints/{id}/rotate_secret", "webhooks:manage"),
    Route("GET", "/v1/webhook_endpoints/{id}/deliveries", "webhooks:manage"),
    Route("POST", "/v1/webhook_endpoints/{id}/replay", "webhooks:manage"),
    Route("GET", "/v1/webhook_secret", "webhooks:manage"),
    Route("POST", "/v1/webhook_secret/rotate", "webhooks:manage"),
    Route("GET", "/v1/webhook_deliveries/{id}", "webhooks:manage"),
    Route("POST", "/v1/webhook_deliveries/{id}/retry", "webhooks:manage"),
    Route("GET", "/v1/events/{id}", "webhooks:manage"),
    Route("POST", "/v1/events/{id}/replay", "webhooks:manage"),
    Route("POST", "/v1/knowledge_bases", "agents:write"),
    Route("GET", "/v1/knowledge_bases", "agents:read"),
    Route("GET", "/v1/knowledge_bases/{id}", "agents:read"),
    Route("PATCH", "/v1/knowledge_bases/{id}", "agents:write"),
    Route("DELETE", "/v1/knowledge_bases/{id}", "agents:write"),
    Route("POST", "/v1/knowledge_bases/{id}/documents", "agents:write"),
    Route("GET", "/v1/knowledge_bases/{id}/documents", "agents:read"),
    Route("GET", "/v1/knowledge_bases/{id}/documents/{document}", "agents:read"),
    Route("DELETE", "/v1/knowledge_bases/{id}/documents/{document}", "agents:write"),
    Route("GET", "/v1/openapi.json", None),
    Route("GET", "/v1/asyncapi.json", None),
    Route("GET", "/v1/docs", None),
    Route("GET", "/v1/docs/{page}", None),
)

_NOBODY_ASKED = (apigateway.AuthorizationType.NONE, None)


class ApiStack(Stack):
    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        config: Config,
        data: DataStack,
        media: MediaStack,
        events: EventsStack,
        names: NamesStack | None,
        shield: ShieldStack | None,
        sip_domain: str,
    ) -> None:
        """`sip_domain`: what telephone systems call, empty where they call nobody."""
        super().__init__(scope, construct_id, description="Kallglot: REST API")
        self._config = config
        # API Gateway writes no log before the account has the role that the events' stack gives it.
        self.add_stack_dependency(events)
        if shield is not None:
            self.add_stack_dependency(shield)
        api = gateway.rest_api(self, config)
        # As customers and carriers reach it.
        found = addresses(
            self, config, api, media, data, events.url, shield.web_acl_arn if shield is not None else None
        )
        self.public_url, self.stream_base_url = found.public_url, found.stream_base_url
        docs_url = config.docs_url or f"{self.public_url}/v1/docs"
        self.rest = self._rest(data, docs_url, sip_domain)
        self.authorizer = self._authorizer(data)
        self._route(api)
        carriers.route(api, carriers.webhooks(self, config, data, self.stream_base_url, self.public_url, docs_url))
        for refusal in REFUSALS:
            refusal.add_to(api, docs_url)
        if names is not None:
            self._name(api, names)
        # Behind the edge it would take every caller for CloudFront.
        if config.has_firewall and not config.edge:
            Firewall(self, "Requests", config, {"Stage": api.deployment_stage.stage_arn})
        self._tell(api)

    def _tell(self, api: apigateway.RestApi) -> None:
        told = {
            "RestApiId": api.rest_api_id,
            "ApiUrl": f"{self.public_url}/v1" if self._config.domain or self._config.edge else f"{api.url}v1",
        }
        for name, value in told.items():
            CfnOutput(self, name + "Output", value=value).override_logical_id(name)

    def _name(self, api: apigateway.RestApi, names: NamesStack) -> None:
        """The stage is all that the name leads to, so that its own name is in no address."""
        name = apigateway.DomainName(
            self,
            "Domain",
            domain_name=self._config.named("api"),
            certificate=names.certificate,
            endpoint_type=apigateway.EndpointType.REGIONAL,
            security_policy=apigateway.SecurityPolicy.TLS_1_2,
        )
        apigateway.BasePathMapping(self, "Mapping", domain_name=name, rest_api=api, stage=api.deployment_stage)
        names.lead(self, self._config.named("api"), targets.ApiGatewayDomain(name))

    def _rest(self, data: DataStack, docs_url: str, sip_domain: str) -> Function:
        function = Function(
            self,
            "rest.app",
            self._config,
            {
                "SESSIONS_TABLE": data.sessions.table_name,
                "ACCESS_TABLE": data.access.table_name,
                "OUTBOX_TABLE": data.outbox.table_name,
                "DELIVERIES_TABLE": data.deliveries.table_name,
                "HANDOFFS_QUEUE_URL": data.handoffs.queue_url,
                "WEBHOOK_KEY_SECRET_ARN": data.webhook_key.secret_arn,
                "LOCAL_TARGETS": str(self._config.defaults.local_targets).lower(),
                "RECORDINGS_BUCKET": data.recordings.bucket_name,
                "KNOWLEDGE_BUCKET": data.knowledge.bucket_name,
                "API_KEY_PEPPER_SECRET_ARN": data.api_key_pepper.secret_arn,
                "STREAM_TOKEN_SECRET_ARN": data.stream_token_key.secret_arn,
                "STREAM_BASE_URL": self.stream_base_url,
                "INBOX_PREFIX": self._config.inbox_prefix,
                "KALLGLOT_ENGINES": self._config.engines,
                "CONNECTION_SECRETS": self._config.connection_secrets,
                "SIP_DOMAIN": sip_domain,
                "DOCS_URL": docs_url,
                "IDLE_TIMEOUT_S": str(self._config.idle_timeout_s),
                "RECONNECT_WINDOW_S": str(self._config.reconnect_window_s),
            },
            timeout=Duration.seconds(20),
            memory_mib=1024,
        )
        grants.on_table(function, data.sessions, "GetItem", "BatchGetItem", "Query", "PutItem")
        grants.leave_seats(function, data.sessions)
        grants.on_items(function, data.sessions, "agents#", "DeleteItem")
        grants.query_index(function, data.sessions, "by_tenant")
        grants.query_index(function, data.sessions, "by_status")
        grants.on_table(function, data.access, "GetItem", "PutItem")
        grants.on_table(function, data.outbox, "GetItem", "PutItem")
        grants.query_index(function, data.outbox, "by_tenant")
        self._may_manage_webhooks(function, data)
        grants.manage_knowledge(function, data.sessions, data.knowledge, UPLOADS)
        grants.read_objects(function, data.recordings, FILES)
        grants.delete_objects(function, data.recordings)
        grants.write_trunk_secrets(function, self, self._config)
        data.api_key_pepper.grant_read(function)
        data.stream_token_key.grant_read(function)
        grants.send_to_inboxes(function, self, self._config)
        return function

    def _may_manage_webhooks(self, function: Function, data: DataStack) -> None:
        actions = ("GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem")
        grants.on_table(function, data.deliveries, *actions)
        grants.query_index(function, data.deliveries, "by_target")
        grants.send_to_queue(function, data.handoffs)
        data.webhook_key.grant_read(function)

    def _authorizer(self, data: DataStack) -> Function:
        function = Function(
            self,
            "authorizer.app",
            self._config,
            {
                "ACCESS_TABLE": data.access.table_name,
                "SESSIONS_TABLE": data.sessions.table_name,
                "API_KEY_PEPPER_SECRET_ARN": data.api_key_pepper.secret_arn,
            },
        )
        grants.find_keys(function, data.access)
        grants.read_usage(function, data.sessions)
        grants.on_items(function, data.access, "bucket#", "UpdateItem")
        data.api_key_pepper.grant_read(function)
        return function

    def _route(self, api: apigateway.RestApi) -> None:
        integration = apigateway.LambdaIntegration(self.rest, scope_permission_to_method=False)
        authorizer = apigateway.RequestAuthorizer(
            self,
            "Authorizer",
            handler=self.authorizer,
            # Nothing is cached. A cached answer needs identity sources, of which *all* must be present, and a key
            # comes in one of two headers; uncached, a revoked key is also refused from the next request on.
            identity_sources=[],
            results_cache_ttl=Duration.seconds(0),
        )
        for route in ROUTES:
            asked = (apigateway.AuthorizationType.CUSTOM, authorizer) if route.scope else _NOBODY_ASKED
            api.root.resource_for_path(route.path).add_method(
                route.method, integration, authorization_type=asked[0], authorizer=asked[1]
            )
        # A method that a path does not know is answered with those that it does: the gateway alone would deny the path.
        for path in {route.path: None for route in ROUTES}:
            api.root.resource_for_path(path).add_method("ANY", integration, authorization_type=_NOBODY_ASKED[0])
