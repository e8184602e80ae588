/** What detection says: a type, where, how sure, and why. Never the value itself. */

/** Each is a kind of personal data; the order settles ties between findings at the same place. */
export const DETECTED_TYPES = [
  'credential',
  'email',
  'iban',
  'payment-card',
  'national-id',
  'passport',
  'device-id',
  'mac-address',
  'ip-address',
  'geo-position',
  'birth-date',
  'phone',
  'vehicle-plate',
  'postal-address',
  'username',
  'person-name',
  'health',
  'special-category',
] as const;
export type DetectedType = (typeof DETECTED_TYPES)[number];

/** One piece of evidence: `adds` are points of confidence in text, log-odds for columns; negative speaks against. */
export type Reason = Readonly<{ says: string; adds: number }>;

export type Finding = Readonly<{
  type: DetectedType;
  /** UTF-16 offsets into the text: from `start`, before `end`. */
  start: number;
  end: number;
  /** 0.01 to 0.99: the sum of what the reasons add. */
  confidence: number;
  reasons: readonly Reason[];
  /** Which kind of the type, such as `es:dni`, `visa`, `jwt`, `religion`; null where there is but one. */
  detail: string | null;
}>;

export type TextOptions = Readonly<{
  /** Look for these only; all by default. */
  types?: readonly DetectedType[];
  /** Least confidence of a finding, 0.5 by default. */
  minConfidence?: number;
  /** How names are found: `precise` reports few that are none, `broad` misses few. */
  names?: 'precise' | 'broad';
  /** Countries (ISO 3166-1 alpha-2) whose phone numbers are written without +, and whose national ids are looked for. */
  countries?: readonly string[];
  /** Scanning ends after so many, 100,000 by default. */
  maxFindings?: number;
}>;

export type Column = Readonly<{
  /** The column's name, or the path of a JSON value such as `$.customer.email`. */
  name: string;
  /** Name of the table or file, if there is one. */
  table?: string;
  /** Names of the other columns of the table: `state` beside `street` is of an address. */
  siblings?: readonly string[];
  /** As the database says it: `varchar(60)`, `int4`, `boolean`. */
  sqlType?: string;
  /** Up to 1,000 are looked at; null and empty ones count as missing. */
  samples: readonly (string | number | boolean | null)[];
  /** Of the whole column, where the database knows. */
  rowCount?: number;
  distinct?: number;
  nulls?: number;
}>;

/** How many of the looked-at values have the type, with the 95 % interval (Wilson). */
export type Prevalence = Readonly<{ share: number; low: number; high: number; of: number }>;

export type ColumnFinding = Readonly<{
  /** null: nothing personal is seen in it. */
  type: DetectedType | null;
  detail: string | null;
  confidence: number;
  /** `certain` may be acted on, `suggest` is for a person to decide. */
  level: 'certain' | 'suggest' | 'none';
  /** null where values could not be asked, such as in an empty column. */
  prevalence: Prevalence | null;
  reasons: readonly Reason[];
}>;

export type Detector = Readonly<{
  /**
   * Personal data in free text: findings in order, none overlapping another. Time is linear in the text's length,
   * whatever stands in it; at most 0.3 MB beside the text and the findings.
   */
  detectText: (text: string, options?: TextOptions) => Finding[];
  /** What a column holds, by its name, its type and its values. */
  detectColumn: (column: Column) => ColumnFinding;
}>;

/** @returns confidence: the sum, held between 0.01 and 0.99 */
export function weigh(reasons: readonly Reason[]): number {
  let sum = 0;
  for (const { adds } of reasons) sum += adds;
  return Math.round(Math.min(0.99, Math.max(0.01, sum)) * 1000) / 1000;
}
