/** Times as people read them. */

export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (figure: number) => String(figure).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** In the reader's own variant of the page's language, where the browser names one. */
export function moment(iso: string | null | undefined, language: string, wanted = navigator.languages): string {
  if (!iso) return "–";
  const variant = wanted.find((tag) => tag.toLowerCase().split("-")[0] === language) ?? language;
  return new Intl.DateTimeFormat(variant, { dateStyle: "medium", timeStyle: "medium" }).format(new Date(iso));
}
