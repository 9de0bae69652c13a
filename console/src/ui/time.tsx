import { texts } from "../texts.ts";

const exact = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "medium" });

/** A moment as people read it; machines and screen readers get it whole. */
export function Time({ at }: { at: Date | undefined }) {
  if (!at) return <>–</>;
  return <time dateTime={at.toISOString()} title={at.toISOString()}>{exact.format(at)}</time>;
}

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [["day", 86_400], ["hour", 3_600], ["minute", 60]];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

export function ago(at: Date | undefined, now = Date.now()): string {
  if (!at) return "–";
  const seconds = (at.getTime() - now) / 1_000;
  for (const [unit, length] of UNITS) {
    if (Math.abs(seconds) >= length) return relative.format(Math.round(seconds / length), unit);
  }
  return texts.time.justNow;
}

/** `3.250 s` or `2 min 5 s`. */
export function duration(milliseconds: number | undefined): string {
  if (milliseconds === undefined) return "–";
  const seconds = milliseconds / 1_000;
  if (seconds < 60) return `${seconds.toFixed(3)} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${Math.floor(seconds % 60)} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
