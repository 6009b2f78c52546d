"""The commands, a module a noun. They ask the client, and tell the screen; neither httpx nor rich is loaded here."""
