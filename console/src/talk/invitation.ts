import { hashOf } from "../route.ts";
import type { Address } from "./stream.ts";

/** What lets a second person into a call: the session's own token and no key. It is good for joining for an hour. */
export interface Invitation {
  sessionId: string;
  address: Address;
  /** What the guest speaks, and hears. */
  language: string;
}

/** All of it stands behind the `#`, which a browser sends to nobody. */
export function linkOf(invitation: Invitation, page: string): string {
  const { address, language, sessionId } = invitation;
  return page.split("#")[0] + hashOf("join", sessionId, { stream: address.url, token: address.token, language });
}

/** Null where something is missing. */
export function invitationOf(sessionId: string | null, query: URLSearchParams): Invitation | null {
  const [url, token, language] = ["stream", "token", "language"].map((name) => query.get(name));
  return sessionId && url && token && language ? { sessionId, address: { url, token }, language } : null;
}
