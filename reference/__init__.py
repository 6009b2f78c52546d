"""What is written about the API from its code: OpenAPI, AsyncAPI, the errors. Nothing that serves imports it."""
