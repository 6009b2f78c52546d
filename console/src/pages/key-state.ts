import type { ApiKey } from "../api/objects.ts";

export function stateOf(key: ApiKey, now_ms: number): "valid" | "revoked" | "expired" {
  if (key.revoked_at) return "revoked";
  return key.expires_at && Date.parse(key.expires_at) <= now_ms ? "expired" : "valid";
}
