/** What a rule can ask of an event: a value at a place, or several of them, of which one must be what the rule wants. */
import type { TrafficEvent } from '../event.ts';

export type Scalar = string | number | boolean | null;
export type FieldValue = Scalar | undefined | readonly Scalar[];
export type Field = Readonly<{
  /** As alerts name it: the OCSF path, or what is derived from several. */
  path: string;
  read: (event: TrafficEvent) => FieldValue;
}>;

/** Values of a list that are looked at. */
const MOST_VALUES = 64;
/** Of the text of a whole event, for keywords. */
const MOST_EVENT_TEXT = 64 * 1024;

/** Reads a path that no sensor is known to fill; lists on the way are gone through. */
export function readerOf(path: string): Field['read'] {
  const steps = path.split('.');
  return (event) => {
    const found: Scalar[] = [];
    walk(event, steps, 0, found);
    return found.length < 2 ? found[0] : found;
  };
}

function walk(value: unknown, steps: readonly string[], at: number, found: Scalar[]): void {
  if (found.length >= MOST_VALUES || value === undefined) return;
  if (Array.isArray(value)) {
    for (const item of value.slice(0, MOST_VALUES)) walk(item, steps, at, found);
    return;
  }
  if (at === steps.length) {
    if (value === null || typeof value !== 'object') found.push(value as Scalar);
    return;
  }
  if (value === null || typeof value !== 'object' || !Object.hasOwn(value, steps[at] as string)) return;
  walk((value as Record<string, unknown>)[steps[at] as string], steps, at + 1, found);
}

/** Every text and number of an event but those of its metadata, a line each. */
export function wholeText(event: TrafficEvent): string {
  const lines: string[] = [];
  let length = 0;
  const gather = (value: unknown, depth: number): void => {
    if (length > MOST_EVENT_TEXT || depth > 6) return;
    if (typeof value === 'string' || typeof value === 'number') {
      const line = String(value);
      lines.push(line);
      length += line.length + 1;
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, part] of Object.entries(value)) if (depth > 0 || key !== 'metadata') gather(part, depth + 1);
    }
  };
  gather(event, 0);
  return lines.join('\n');
}

export const WHOLE_EVENT: Field = { path: 'the whole event', read: wholeText };

export const textOf = (value: Scalar): string => (typeof value === 'string' ? value : String(value));
