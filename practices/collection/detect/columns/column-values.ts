/** What a column's values say: for each type the share of cells that are one as a whole, and what that weighs. */
import type { DetectedType, Prevalence, Reason } from '../finding.ts';
import { passing } from '../national/packs.ts';
import type { NationalRule } from '../national/rule.ts';
import { scanText } from '../text/scan.ts';
import type { Tables } from '../text/tables.ts';

export const MAX_SAMPLES = 1000;
/** Longer cells are cut: what a column holds shows in the beginning. */
const MAX_CELL = 512;

export type ValueClue = Readonly<{
  type: DetectedType;
  detail: string | null;
  prevalence: Prevalence;
  reason: Reason;
}>;

/** Trimmed text of the samples that hold something. */
export function cellsOf(samples: readonly (string | number | boolean | null)[]): string[] {
  const cells: string[] = [];
  for (let i = 0; i < samples.length && i < MAX_SAMPLES; i += 1) {
    const sample = samples[i];
    if (sample === null || sample === undefined || typeof sample === 'boolean') continue;
    const cell = String(sample).slice(0, MAX_CELL).trim();
    if (cell !== '' && cell !== 'NULL' && cell !== 'null' && cell !== '\\N') cells.push(cell);
  }
  return cells;
}

/** Types whose form tells them, with the share of cells of other columns that have it by chance. */
const CHANCE: Readonly<Partial<Record<DetectedType, number>>> = {
  email: 0.0005,
  iban: 0.0001,
  'payment-card': 0.004,
  'ip-address': 0.001,
  'mac-address': 0.001,
  phone: 0.08,
  'geo-position': 0.01,
  credential: 0.005,
  passport: 0.005,
  'device-id': 0.03,
};
const FORMED = Object.keys(CHANCE) as DetectedType[];
/** Share of a column's own cells that have the form of its type: people leave things out and mistype. */
const EXPECTED = 0.85;

/** @returns clues of all types seen, the weightiest first */
export function valueClues(cells: readonly string[], tables: Tables): ValueClue[] {
  const whole = new Map<DetectedType, number>();
  const inside = new Map<DetectedType, number>();
  const details = new Map<DetectedType, string | null>();
  let bare = 0;
  for (const cell of cells) {
    const seen = new Set<DetectedType>();
    for (const { type, start, end, confidence, detail } of scanText(
      cell,
      { types: FORMED, minConfidence: 0.15 },
      tables,
    )) {
      if (type === 'phone' && isBare(cell)) bare += 1;
      else if (start === 0 && end === cell.length) {
        whole.set(type, (whole.get(type) ?? 0) + 1);
        details.set(type, detail);
      } else if (confidence >= 0.6) seen.add(type);
    }
    for (const type of seen) inside.set(type, (inside.get(type) ?? 0) + 1);
  }
  const clues: ValueClue[] = [];
  for (const [type, hits] of whole) clues.push(clueOf(type, null, hits, cells.length, CHANCE[type] ?? 0.1, 'are one'));
  for (const [type, hits] of inside)
    if (hits >= 2 && hits / cells.length >= 0.02 && !whole.has(type))
      clues.push({ type, detail: 'in text', prevalence: wilson(hits, cells.length),
        reason: { says: `${hits} of ${cells.length} values have one in their text`, adds: Math.min(5, 2.4 + hits * 0.2) } }); // prettier-ignore
  // digits and nothing else may count anything
  if (bare > 0 && !whole.has('phone'))
    clues.push({ type: 'phone', detail: null, prevalence: wilson(bare, cells.length), reason: { says: `${bare} of ${cells.length} values have as many digits as phone numbers`, adds: 0.5 } }); // prettier-ignore
  const national = nationalClue(cells, tables);
  if (national !== null) clues.push(national);
  return clues.sort((a, b) => b.reason.adds - a.reason.adds);
}

function isBare(cell: string): boolean {
  for (let i = 0; i < cell.length; i += 1) if (cell.charCodeAt(i) < 48 || cell.charCodeAt(i) > 57) return false;
  return cell.charCodeAt(0) !== 48;
}

export function clueOf(
  type: DetectedType,
  detail: string | null,
  hits: number,
  of: number,
  chance: number,
  says: string,
  expected = EXPECTED,
): ValueClue {
  return {
    type,
    detail,
    prevalence: wilson(hits, of),
    reason: { says: `${hits} of ${of} values ${says}`, adds: likelihood(hits, of, chance, expected) },
  };
}

/** Log of how much likelier these hits are in a column of the type than in another; as of 20 values at most, within ±8. */
export function likelihood(hits: number, of: number, chance: number, expected: number): number {
  if (of === 0) return 0;
  const weight = Math.min(of, 20) / of;
  const sum = weight * (hits * Math.log(expected / chance) + (of - hits) * Math.log((1 - expected) / (1 - chance)));
  return Math.round(Math.max(-8, Math.min(8, sum)) * 100) / 100;
}

/** The rule that nearly all values pass, if chance does not explain it. */
function nationalClue(cells: readonly string[], { packs }: Tables): ValueClue | null {
  const hits = new Map<NationalRule, number>();
  for (const cell of cells) {
    if (cell.length > 24) continue;
    const signs = cell.replaceAll(/[ .()/+-]/g, '').toUpperCase();
    for (const rule of passing(packs, signs)) hits.set(rule, (hits.get(rule) ?? 0) + 1);
  }
  let best: ValueClue | null = null;
  for (const [rule, count] of hits) {
    // without a check digit, nine digits are nobody's number
    if (rule.chance > 0.5 || count < 3) continue;
    const one = clueOf('national-id', `${rule.country.toLowerCase()}:${rule.scheme}`, count, cells.length, rule.chance,
      `pass the check of ${rule.country} ${rule.scheme}`, 0.98); // prettier-ignore
    if (best === null || one.reason.adds > best.reason.adds) best = one;
  }
  return best;
}

/** Wilson's score interval at 95 %. */
export function wilson(hits: number, of: number): Prevalence {
  const z = 1.96;
  const share = of === 0 ? 0 : hits / of;
  const middle = (share + (z * z) / (2 * of)) / (1 + (z * z) / of);
  const half = (z * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of))) / (1 + (z * z) / of);
  const round = (value: number): number => Math.round(Math.max(0, Math.min(1, value)) * 1000) / 1000;
  return of === 0 ? { share: 0, low: 0, high: 1, of } : { share: round(share), low: round(middle - half), high: round(middle + half), of }; // prettier-ignore
}
