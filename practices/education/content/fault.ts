/** What is wrong with a file of content: where, what, and what to do about it. */
export type ContentFault = Readonly<{
  /** 1-based line of the file. */
  line: number;
  /** The entry of the front matter or YAML, such as `answers[1].says`; empty for text. */
  path: string;
  says: string;
  hint: string;
}>;

export type Read<T> = Readonly<{ ok: true; value: T } | { ok: false; faults: readonly ContentFault[] }>;
export type Report = (line: number, says: string, hint: string, path?: string) => void;

/** More would not be read by anybody; the first ones tell. */
const MOST_FAULTS = 50;

export function collectFaults(): Readonly<{ report: Report; faults: ContentFault[] }> {
  const faults: ContentFault[] = [];
  const report: Report = (line, says, hint, path = '') => {
    if (faults.length < MOST_FAULTS) faults.push({ line, path, says, hint });
  };
  return { report, faults };
}

/** One line per fault, for terminals and logs. */
export function faultText({ line, path, says, hint }: ContentFault, file: string): string {
  return `${file}:${line}: ${path === '' ? '' : `${path}: `}${says} (${hint})`;
}

/** @returns what was read, unless something was found wrong; faults in the order of their lines */
export function readOr<T>(faults: readonly ContentFault[], value: () => T): Read<T> {
  if (faults.length === 0) return { ok: true, value: value() };
  return { ok: false, faults: faults.toSorted((a, b) => a.line - b.line) };
}
