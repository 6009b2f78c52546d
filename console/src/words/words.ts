import { de } from "./de.ts";
import { en } from "./en.ts";
import { es } from "./es.ts";

export type Words = typeof en;

export const DICTIONARIES = { en, de, es } as const;
export type LanguageTag = keyof typeof DICTIONARIES;

export const OWN_NAMES: Record<LanguageTag, string> = { en: "English", de: "Deutsch", es: "Español" };
export const TAGS = Object.keys(DICTIONARIES) as LanguageTag[];

/** The first of the browser's languages that there are words for; English where there is none. */
export function chosen(wanted: readonly string[]): LanguageTag {
  for (const tag of wanted) {
    const short = tag.toLowerCase().split("-")[0];
    const known = TAGS.find((each) => each === short);
    if (known) return known;
  }
  return "en";
}

/** A language's name in the language of the page, as the browser knows it. */
export function languageName(code: string | null | undefined, page: LanguageTag): string {
  if (!code) return "–";
  return new Intl.DisplayNames([page], { type: "language", fallback: "code" }).of(code) ?? code;
}
