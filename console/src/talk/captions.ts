import type { Role } from "../api/objects.ts";
import type { LatencyParts, Said, ServerMessage } from "./messages.ts";

export interface Caption {
  id: string;
  speaker: Role;
  language: string;
  text: string;
  isFinal: boolean;
  translation: { language: string; text: string } | null;
  latency: LatencyParts | null;
}

/** The oldest go first; the whole transcript is on the session's page. */
export const MOST_CAPTIONS = 200;

/** The captions after this message. A final replaces the partials of its id, and stays as it is. */
export function withMessage(captions: readonly Caption[], message: ServerMessage): readonly Caption[] {
  switch (message.type) {
    case "transcript.partial":
    case "transcript.final":
      return withWords(captions, message);
    case "latency":
      return captions.map((each) => (each.id === message.segment_id ? { ...each, latency: message } : each));
    default:
      return captions;
  }
}

function withWords(captions: readonly Caption[], said: Said): readonly Caption[] {
  const isFinal = said.type === "transcript.final";
  const known = captions.find((each) => each.id === said.id);
  if (known?.isFinal) return captions;
  const caption: Caption = {
    id: said.id,
    speaker: said.speaker,
    language: said.language,
    text: said.text,
    isFinal,
    translation: said.translation ?? known?.translation ?? null,
    latency: known?.latency ?? null,
  };
  if (known) return captions.map((each) => (each === known ? caption : each));
  return [...captions, caption].slice(-MOST_CAPTIONS);
}
