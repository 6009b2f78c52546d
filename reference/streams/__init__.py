"""The sockets: what each takes and tells, how it closes."""
