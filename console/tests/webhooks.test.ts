import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Api } from "../src/api/client.ts";
import { SCOPES, STATUSES } from "../src/api/objects.ts";
import { DELIVERY_STATUSES, EVENT_FILTERS, EVERYTHING, type Delivery } from "../src/api/webhooks.ts";
import { deliveriesOf, isSoon } from "../src/pages/deliveries.ts";
import { isCovered, toggled } from "../src/parts/event-filters.ts";
import { DICTIONARIES } from "../src/words/words.ts";

const DOCUMENT = JSON.parse(readFileSync("../docs/api/openapi.json", "utf8")).components.schemas;

function many(count: number, failedEvery: number): Delivery[] {
  return Array.from({ length: count }, (_, at) => ({
    id: `wh_del_${at}`,
    status: at % failedEvery === 0 ? "failed" : "succeeded",
  })) as Delivery[];
}

/** An API with these, the newest first. */
function serving(all: Delivery[]) {
  const asked: number[] = [];
  const deliveries = async (_: string, limit: number, after?: string) => {
    asked.push(limit);
    const from = after ? all.findIndex((each) => each.id === after) + 1 : 0;
    return { data: all.slice(from, from + limit), has_more: from + limit < all.length };
  };
  return { api: { deliveries }, asked };
}

test("a page of deliveries, and where the next begins", async () => {
  const { api } = serving(many(30, 2));
  const first = await deliveriesOf(api, "wh_1", undefined, undefined);
  assert.deepEqual([first.deliveries.length, first.next], [20, "wh_del_19"]);
  const rest = await deliveriesOf(api, "wh_1", undefined, "wh_del_19");
  assert.deepEqual([rest.deliveries.length, rest.next], [10, null]);
});

test("those of a status are looked for among so many, and one may go on from there", async () => {
  const { api, asked } = serving(many(1_000, 50));
  const found = await deliveriesOf(api, "wh_1", "failed", undefined);
  assert.deepEqual([found.deliveries.length, found.looked, found.next], [10, 500, "wh_del_499"]);
  assert.deepEqual(asked, [100, 100, 100, 100, 100]);
  assert.equal((await deliveriesOf(api, "wh_1", "failed", found.next!)).deliveries[0]!.id, "wh_del_500");
});

test("what comes within a minute is waited for", () => {
  const due = (next_attempt_at: string | null) => [{ status: "pending", next_attempt_at } as Delivery];
  assert.ok(isSoon(due("1970-01-01T00:00:59Z"), 0));
  assert.ok(!isSoon(due("1970-01-01T00:01:01Z"), 0));
  assert.ok(isSoon(due(null), 0));
  assert.ok(!isSoon(many(2, 1), 0));
});

test("what covers an event is chosen instead of it", () => {
  assert.deepEqual(toggled(["session.ended", "recording.ready"], "session.*"), ["recording.ready", "session.*"]);
  assert.deepEqual(toggled(["session.*"], "session.*"), []);
  assert.deepEqual(toggled(["session.*", "recording.ready"], "*"), ["*"]);
  assert.ok(isCovered(["session.*"], "session.ended"));
  assert.ok(!isCovered(["session.*"], "session.*"));
  assert.ok(isCovered(["*"], "session.*"));
});

test("a request about webhooks is the one that the API knows", async () => {
  const asked: [string, string | undefined, unknown][] = [];
  const send = async (url: string, init: RequestInit) => {
    asked.push([url, init.method, init.body]);
    return Response.json({});
  };
  const { webhooks } = new Api("sk_test_1", send, () => "id");
  await webhooks.replay("wh_1", { from: "2026-03-26T08:00:00.000Z", only_failed: true });
  await webhooks.deliveries("wh_1", 20, "wh_del_1");
  await webhooks.remove("wh_1");
  assert.deepEqual(asked, [
    ["/v1/webhook_endpoints/wh_1/replay", "POST", '{"from":"2026-03-26T08:00:00.000Z","only_failed":true}'],
    ["/v1/webhook_endpoints/wh_1/deliveries?limit=20&starting_after=wh_del_1", "GET", undefined],
    ["/v1/webhook_endpoints/wh_1", "DELETE", undefined],
  ]);
});

test("the console knows what the API's document knows", () => {
  const { CreateWebhookEndpoint, WebhookDelivery, WebhookAttempt, Scope, Session } = DOCUMENT;
  const filters: string[] = CreateWebhookEndpoint.properties.events.items.enum;
  assert.deepEqual(new Set([EVERYTHING, ...EVENT_FILTERS]), new Set(filters));
  const named = (schema: { $ref?: string; enum?: string[]; anyOf?: object[] }): string[] =>
    schema.enum ?? DOCUMENT[schema.$ref?.split("/").at(-1) ?? ""].enum;
  assert.deepEqual(new Set(DELIVERY_STATUSES), new Set(named(WebhookDelivery.properties.status)));
  assert.deepEqual(new Set(STATUSES), new Set(named(Session.properties.status)));
  assert.deepEqual(new Set(SCOPES), new Set(Scope.enum));
  const outcomes = named(WebhookAttempt.properties.outcome);
  for (const { webhooks } of Object.values(DICTIONARIES)) {
    assert.deepEqual(new Set(Object.keys(webhooks.outcomes)), new Set(outcomes));
  }
});
