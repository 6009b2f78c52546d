/** Where in the console one is, as it stands behind the `#`, so that any file server can serve it. */

export const PAGES = ["start", "talk", "live", "sessions", "webhooks", "usage", "keys"] as const;
/** `join` is where a link leads; nobody looks for it in the navigation. */
export type PageName = (typeof PAGES)[number] | "join";

/** Where an address may name one thing of many. */
const WITH_ID: readonly PageName[] = ["live", "sessions", "webhooks", "join"];

export interface Route {
  page: PageName;
  /** Of one session or endpoint, on its page, and in an invitation. */
  id: string | null;
  query: URLSearchParams;
}

export function routeOf(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const [name = "", id] = path.split("/");
  const page = [...PAGES, "join" as const].find((known) => known === name) ?? "start";
  return { page, id: WITH_ID.includes(page) && id ? decoded(id) : null, query: new URLSearchParams(query) };
}

export function hashOf(page: PageName, id?: string, query: Record<string, string | undefined> = {}): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const path = page === "start" ? "" : page + (id ? `/${encodeURIComponent(id)}` : "");
  return `#/${path}${given.length ? `?${new URLSearchParams(given)}` : ""}`;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
