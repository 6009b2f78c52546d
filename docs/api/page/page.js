// Draws a document of the API. It is fetched here, so that its addresses can be made those it was served under.
import { init } from "./redoc.js";

const place = document.getElementById("reference");
const source = new URL(place.dataset.document, location.href);
const described = await (await fetch(source)).json();
for (const server of Array.isArray(described.servers) ? described.servers : []) {
  server.url = new URL(server.url, source).href;
}
init(described, { disableTelemetry: true }, place);
