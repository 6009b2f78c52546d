"""Messages to connections of the events socket."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from core.adapters.aws_errors import code_of, translated

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient


@dataclass(frozen=True, slots=True)
class ApiGatewaySockets:
    client: ApiGatewayManagementApiClient

    def push(self, connection_id: str, message: Mapping[str, Any]) -> bool:
        data = json.dumps(message, ensure_ascii=False).encode()
        with translated("PostToConnection"):
            try:
                self.client.post_to_connection(ConnectionId=connection_id, Data=data)
            except ClientError as error:
                if code_of(error) != "GoneException":
                    raise
                return False
        return True
