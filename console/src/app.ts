import { createContext } from "preact";
import { useCallback, useContext, useEffect, useRef, useState } from "preact/hooks";
import type { Api } from "./api/client.ts";
import type { Facts } from "./facts.ts";
import type { LanguageTag, Words } from "./words/words.ts";

/** What every page may use. */
export interface App {
  api: Api | null;
  setApi: (api: Api | null) => void;
  language: LanguageTag;
  setLanguage: (language: LanguageTag) => void;
  words: Words;
  facts: Facts;
}

export const AppContext = createContext<App | null>(null);

export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) throw new Error("outside of the console");
  return app;
}

/** The API, on pages that are only shown to whoever has given a key. */
export function useApi(): Api {
  const { api } = useApp();
  if (!api) throw new Error("no key was given");
  return api;
}

export interface Fetched<T> {
  value: T | null;
  error: unknown;
  isLoading: boolean;
  /** Ask again, showing what there is meanwhile; where an answer is on its way, once that is here. */
  reload: () => void;
}

/** Asks when `dependencies` change; an answer that comes after the question has changed is dropped. */
export function useFetched<T>(ask: () => Promise<T>, dependencies: readonly unknown[]): Fetched<T> {
  const [answer, setAnswer] = useState<Omit<Fetched<T>, "reload">>({ value: null, error: null, isLoading: true });
  const [turn, setTurn] = useState(0);
  // Never two at once: an API that is slower than a page asks would otherwise never be heard.
  const isAsking = useRef(false);
  const isDue = useRef(false);
  useEffect(() => {
    let isWanted = true;
    isAsking.current = true;
    isDue.current = false;
    setAnswer((before) => ({ ...before, isLoading: true }));
    const settle = (told: Partial<Fetched<T>>) => {
      if (!isWanted) return;
      isAsking.current = false;
      setAnswer((before) => ({ ...before, ...told, isLoading: false }));
      if (isDue.current) setTurn((last) => last + 1);
    };
    ask().then(
      (value) => settle({ value, error: null }),
      (error) => settle({ error }),
    );
    return () => {
      isWanted = false;
    };
  }, [...dependencies, turn]);
  const reload = useCallback(() => {
    if (isAsking.current) isDue.current = true;
    else setTurn((last) => last + 1);
  }, []);
  return { ...answer, reload };
}

/** Calls `tick` every so often while `isOn`. */
export function useInterval(tick: () => void, period_ms: number, isOn: boolean): void {
  const latest = useRef(tick);
  latest.current = tick;
  useEffect(() => {
    if (!isOn) return;
    const timer = setInterval(() => latest.current(), period_ms);
    return () => clearInterval(timer);
  }, [period_ms, isOn]);
}

export interface Action {
  error: unknown;
  isBusy: boolean;
  run: (what: () => Promise<void>) => Promise<void>;
}

/** Something that a reader asks for: one at a time, and what went wrong is kept until the next. */
export function useAction(): Action {
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const isRunning = useRef(false);

  async function run(what: () => Promise<void>): Promise<void> {
    if (isRunning.current) return;
    isRunning.current = true;
    setBusy(true);
    try {
      await what();
      setError(null);
    } catch (failure) {
      setError(failure);
    }
    isRunning.current = false;
    setBusy(false);
  }

  return { error, isBusy, run };
}
