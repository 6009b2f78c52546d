import assert from "node:assert/strict";
import { test } from "node:test";
import { Api, queryOf } from "../src/api/client.ts";
import { ApiError } from "../src/api/errors.ts";

function answering(status: number, body: string) {
  const asked: { url: string; init: RequestInit }[] = [];
  const send = async (url: string, init: RequestInit) => {
    asked.push({ url, init });
    return new Response(body, { status, headers: { "X-Request-ID": "req_9" } });
  };
  return { asked, api: new Api("sk_test_1234", send, () => "once") };
}

async function refusal(asked: Promise<unknown>): Promise<ApiError> {
  const error = await asked.then(() => null, (found) => found);
  assert.ok(error instanceof ApiError);
  return error;
}

test("the key goes in a header, and what is not asked is left out", async () => {
  const { asked, api } = answering(200, '{"data":[],"has_more":false}');
  await api.sessions({ limit: 20, status: undefined, starting_after: "sess_1" });
  assert.equal(asked[0]!.url, "/v1/sessions?limit=20&starting_after=sess_1");
  assert.equal(new Headers(asked[0]!.init.headers).get("Authorization"), "Bearer sk_test_1234");
});

test("what creates or ends carries an idempotency key", async () => {
  const { asked, api } = answering(200, "{}");
  await api.end("sess_1");
  assert.equal(new Headers(asked[0]!.init.headers).get("Idempotency-Key"), "once");
});

test("a refusal is told by the API's own code", async () => {
  const body = '{"error":{"code":"invalid_api_key","message":"no such key","request_id":"req_1"}}';
  const error = await refusal(answering(401, body).api.languages());
  assert.deepEqual([error.status, error.code, error.message, error.requestId], [401, "invalid_api_key", "no such key", "req_1"]);
});

test("an answer that is not the API's is told as that", async () => {
  const error = await refusal(answering(502, "<h1>bad gateway</h1>").api.languages());
  assert.deepEqual([error.code, error.message, error.requestId], ["unexpected_answer", "HTTP 502", "req_9"]);
});

test("no answer is told as that", async () => {
  const api = new Api("sk", () => Promise.reject(new TypeError("failed")));
  assert.equal((await refusal(api.languages())).code, "unreachable");
});

test("an id cannot leave its place in the path", async () => {
  const { asked, api } = answering(200, "{}");
  await api.session("../api_keys?x=1");
  assert.equal(asked[0]!.url, "/v1/sessions/..%2Fapi_keys%3Fx%3D1");
  assert.equal(queryOf({ a: "b&c" }), "?a=b%26c");
});
