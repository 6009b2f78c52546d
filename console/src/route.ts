/** Where in the console one is, as it stands behind the `#`, so that any file server can serve it. */

export const PAGES = ["start", "talk", "sessions", "usage", "keys"] as const;
/** `join` is where a link leads; nobody looks for it in the navigation. */
export type PageName = (typeof PAGES)[number] | "join";

export interface Route {
  page: PageName;
  /** Of one session, on its page and in an invitation to it. */
  id: string | null;
  query: URLSearchParams;
}

export function routeOf(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  const [name = "", id] = path.split("/");
  const page = [...PAGES, "join" as const].find((known) => known === name) ?? "start";
  const hasId = page === "sessions" || page === "join";
  return { page, id: hasId && id ? decoded(id) : null, query: new URLSearchParams(query) };
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
