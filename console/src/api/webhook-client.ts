import type { List } from "./objects.ts";
import type { Delivery, Endpoint, EndpointFields, Signing, Stretch, WithSecret } from "./webhooks.ts";

export type Ask = <T>(method: string, path: string, query?: Readonly<Record<string, string | number | undefined>>, body?: unknown) => Promise<T>;

const ENDPOINTS = "/webhook_endpoints";

/** The part of the API that is about webhooks. Needs a key with `webhooks:manage`. */
export class WebhookApi {
  readonly #ask: Ask;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  endpoints = (limit: number) => this.#ask<List<Endpoint>>("GET", ENDPOINTS, { limit });
  endpoint = (id: string) => this.#ask<Endpoint>("GET", pathOf(id));
  create = (wanted: EndpointFields) => this.#ask<Endpoint & WithSecret>("POST", ENDPOINTS, {}, wanted);
  change = (id: string, changed: Partial<EndpointFields & Pick<Endpoint, "status">>) =>
    this.#ask<Endpoint>("PATCH", pathOf(id), {}, changed);
  remove = (id: string) => this.#ask<unknown>("DELETE", pathOf(id));
  test = (id: string) => this.#ask<{ id: string }>("POST", `${pathOf(id)}/test`, {}, {});
  rotate = (id: string, overlap_seconds: number) =>
    this.#ask<Endpoint & WithSecret>("POST", `${pathOf(id)}/rotate_secret`, {}, { overlap_seconds });

  /** What signs the events that go to sessions' own URLs. */
  sessionSecret = () => this.#ask<Signing>("GET", "/webhook_secret");
  rotateSessionSecret = (overlap_seconds: number) =>
    this.#ask<Signing & WithSecret>("POST", "/webhook_secret/rotate", {}, { overlap_seconds });

  deliveries = (id: string, limit: number, starting_after?: string) =>
    this.#ask<List<Delivery>>("GET", `${pathOf(id)}/deliveries`, { limit, starting_after });
  retry = (delivery: string) =>
    this.#ask<Delivery>("POST", `/webhook_deliveries/${encodeURIComponent(delivery)}/retry`, {}, {});
  event = (id: string) => this.#ask<object>("GET", `/events/${encodeURIComponent(id)}`);
  replayEvent = (id: string) => this.#ask<List<Delivery>>("POST", `/events/${encodeURIComponent(id)}/replay`, {}, {});
  replay = (id: string, stretch: Stretch) => this.#ask<{ event_count: number }>("POST", `${pathOf(id)}/replay`, {}, stretch);
}

function pathOf(id: string): string {
  return `${ENDPOINTS}/${encodeURIComponent(id)}`;
}
