/** Looking into values of unknown shape: what is not of its shape is not there. */
export type Members = Readonly<Record<string, unknown>>;

export const membersOf = (value: unknown): Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {};

export const isMembers = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Numbers count as text: tools write `"port": 443` and `"port": "443"`. */
export function wordOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value;
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : undefined;
}

export const wordsOf = (value: unknown): readonly string[] => listOf(value).flatMap((each) => wordOf(each) ?? []);

/** The first that is there. */
export const firstWord = (...values: readonly unknown[]): string | undefined => {
  for (const value of values) {
    const word = wordOf(value);
    if (word !== undefined) return word;
  }
  return undefined;
};
