"""One request and all its attempts, decided without I/O; `drivers` do what is decided, blocking or not."""
