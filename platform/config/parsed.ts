/** What came of reading a setting. */
export type Parsed<T> = Readonly<{ ok: true; value: T } | { ok: false; expected: string }>;

export const accept = <T>(value: T): Parsed<T> => ({ ok: true, value });
export const reject = (expected: string): Parsed<never> => ({ ok: false, expected });
