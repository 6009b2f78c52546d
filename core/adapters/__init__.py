"""The world behind the ports: the only place that knows AWS's SDK. Foreign errors end in `aws_errors`."""
