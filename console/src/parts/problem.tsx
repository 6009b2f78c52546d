import { ApiError } from "../api/errors.ts";
import { useApp } from "../app.ts";
import type { Words } from "../words/words.ts";

/** What went wrong, in the reader's words where there are some, else in the API's, and always with its code. */
export function Problem({ error }: { error: unknown }) {
  const { words } = useApp();
  if (!error) return null;
  return (
    <div class="problem" role="alert">
      <p>{sentenceOf(error, words)}</p>
      {error instanceof ApiError && (
        <p class="small">
          {words.problems.code} <code>{error.code}</code>
          {error.requestId && (
            <>
              {" · "}
              {words.problems.request} <code>{error.requestId}</code>
            </>
          )}
        </p>
      )}
    </div>
  );
}

export function sentenceOf(error: unknown, words: Words): string {
  if (!(error instanceof ApiError)) return words.problems.unknown;
  const known = words.problems as Record<string, string>;
  return Object.hasOwn(known, error.code) ? known[error.code]! : error.message;
}
