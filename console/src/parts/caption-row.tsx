import type { ComponentChildren } from "preact";
import type { Caption } from "../talk/captions.ts";

interface Rowed {
  caption: Caption;
  /** Null where only one person has spoken. */
  who: string | null;
  place?: { current: HTMLLIElement | null } | undefined;
  children?: ComponentChildren;
}

/** A line of what was said and what it became. A partial may still change, and looks like it. */
export function CaptionRow({ caption, who, place, children }: Rowed) {
  return (
    <li ref={place} class={caption.isFinal ? "final" : "partial"}>
      {who && <strong class="small">{who}</strong>}
      <p lang={caption.language} class="original">
        {caption.text}
        {!caption.isFinal && " …"}
      </p>
      <p lang={caption.translation?.language} class="translation">
        {caption.translation?.text}
      </p>
      {children}
    </li>
  );
}
