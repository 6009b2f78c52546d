import type { ComponentType } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Api } from "./api/client.ts";
import { AppContext, useApp, type App } from "./app.ts";
import { useFacts } from "./facts.ts";
import { KeyForm } from "./parts/key-form.tsx";
import { Join } from "./pages/join.tsx";
import { Keys } from "./pages/keys.tsx";
import { Live } from "./pages/live.tsx";
import { SessionDetail } from "./pages/session-detail.tsx";
import { SessionList } from "./pages/session-list.tsx";
import { Start } from "./pages/start.tsx";
import { Talk } from "./pages/talk.tsx";
import { UsagePage } from "./pages/usage.tsx";
import { WebhookDetail } from "./pages/webhook-detail.tsx";
import { Webhooks } from "./pages/webhooks.tsx";
import { hashOf, PAGES, routeOf, type PageName, type Route } from "./route.ts";
import { chosen, DICTIONARIES, OWN_NAMES, TAGS, type LanguageTag, type Words } from "./words/words.ts";

const OF_PAGE: Record<PageName, ComponentType<{ route: Route }>> = {
  start: Start,
  talk: Talk,
  live: Live,
  sessions: SessionList,
  webhooks: Webhooks,
  usage: UsagePage,
  keys: Keys,
  join: Join,
};
/** Of one thing among those that a page lists. */
const DETAILS: Partial<Record<PageName, ComponentType<{ route: Route }>>> = {
  sessions: SessionDetail,
  webhooks: WebhookDetail,
};
/** What can be seen without a key. */
const OPEN: readonly PageName[] = ["start", "join"];

export function Console() {
  const [api, setApi] = useState<Api | null>(null);
  const [language, setLanguage] = useState<LanguageTag>(() => chosen(navigator.languages));
  const route = useRoute();
  const words = DICTIONARIES[language];
  const facts = useFacts();
  const app = useMemo<App>(
    () => ({ api, setApi, language, setLanguage, words, facts }),
    [api, language, facts],
  );
  useEffect(() => {
    document.documentElement.lang = language;
    document.title = `${titleOf(words, route)} · Kallglot`;
  }, [language, route.page, route.id]);
  return (
    <AppContext.Provider value={app}>
      <a class="skip" href="#main" onClick={focusMain}>
        {words.skip}
      </a>
      <Head current={route.page} />
      <main id="main" tabIndex={-1}>
        <Page route={route} />
      </main>
    </AppContext.Provider>
  );
}

function Page({ route }: { route: Route }) {
  const { api, words } = useApp();
  const heading = useRef<HTMLHeadingElement>(null);
  const isFirst = useRef(true);
  const detailId = DETAILS[route.page] ? route.id : null;
  // Whoever cannot see hears that there is another page.
  useEffect(() => {
    if (!isFirst.current) heading.current?.focus();
    isFirst.current = false;
  }, [route.page, detailId]);
  const Detail = detailId === null ? undefined : DETAILS[route.page];
  const Shown = Detail ?? OF_PAGE[route.page];
  return (
    <>
      <h1 ref={heading} tabIndex={-1}>
        {titleOf(words, route)}
      </h1>
      {api || OPEN.includes(route.page) ? <Shown key={detailId ?? route.page} route={route} /> : <KeyForm />}
    </>
  );
}

function titleOf(words: Words, route: Route): string {
  const hasDetail = route.id !== null && DETAILS[route.page] !== undefined;
  return hasDetail ? (words.details as Record<string, string>)[route.page] ?? "" : words.pages[route.page];
}

function Head({ current }: { current: PageName }) {
  const { api, setApi, words, language, setLanguage } = useApp();
  return (
    <header>
      <span class="brand" aria-hidden="true">
        Kallglot
      </span>
      <nav aria-label={words.navigation}>
        {PAGES.map((page) => (
          <a key={page} href={hashOf(page)} aria-current={page === current ? "page" : undefined}>
            {words.pages[page]}
          </a>
        ))}
      </nav>
      <div class="row tools">
        {api && (
          <>
            <span class="small">{words.key.inUse(api.hint)}</span>
            <button type="button" class="quiet" onClick={() => setApi(null)}>
              {words.key.forget}
            </button>
          </>
        )}
        <select
          aria-label={words.interfaceLanguage}
          value={language}
          onChange={(event) => setLanguage(event.currentTarget.value as LanguageTag)}
        >
          {TAGS.map((tag) => (
            <option key={tag} value={tag} lang={tag}>
              {OWN_NAMES[tag]}
            </option>
          ))}
        </select>
      </div>
    </header>
  );
}

function useRoute(): Route {
  const [route, setRoute] = useState(() => routeOf(location.hash));
  useEffect(() => {
    const follow = () => setRoute(routeOf(location.hash));
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, []);
  return route;
}

function focusMain(event: MouseEvent) {
  event.preventDefault();
  document.getElementById("main")?.focus();
}
