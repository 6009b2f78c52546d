"""Where an address of the page's host leads, here and in AWS; None: nowhere else."""

PAGE_ADDRESSES: dict[str, str | None] = {
    "/": None,
    "/index.html": None,
    "/console.json": None,
    "/assets/index-1a.js": None,
    "/assets/none": None,
    "/talk": "/",
    "/sessions/sess_1": "/",
    "/some.where/below/": "/",
    "/docs": "/v1/docs",
    "/docs/errors": "/v1/docs/errors",
    "/docs.html": None,
}
