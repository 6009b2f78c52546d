"""Any server that speaks OpenAI's chat completions: OpenAI, Ollama, vLLM and others."""
