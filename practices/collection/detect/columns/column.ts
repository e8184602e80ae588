/**
 * A column's type: log-odds of its name, its SQL type and its values added up, for each type; the best one wins.
 * At first no column is thought personal: one in twenty.
 */
import type { Column, ColumnFinding, DetectedType, Reason } from '../finding.ts';
import type { Tables } from '../text/tables.ts';
import { isBlankName, nameClue } from './column-names.ts';
import { cellsOf, valueClues, type ValueClue } from './column-values.ts';
import { typeVeto } from './sql-types.ts';
import { wordClues } from './word-cells.ts';

const PRIOR: Reason = { says: 'most columns are not personal', adds: -3 };
export const SUGGEST = 0.6;
export const CERTAIN = 0.9;
/** Types whose values must look like them: a name that says `email` is not believed over values that are none. */
const CHECKABLE: ReadonlySet<DetectedType> = new Set([
  'email',
  'iban',
  'payment-card',
  'ip-address',
  'mac-address',
  'phone',
]);

/** Types that are told by lists of words or by years: less sure than a form or a check. */
const LISTED: ReadonlySet<DetectedType> = new Set(['person-name', 'postal-address', 'birth-date']);
const UNNAMED: Reason = { says: 'the name says nothing of it', adds: -2.5 };

/** No list has all names: that few are in it does not contradict a column's own name. */
function asHeard({ type, reason }: ValueClue, named: boolean): Reason {
  return named && LISTED.has(type) && reason.adds < 0 ? { says: reason.says, adds: 0 } : reason;
}

export function detectColumn(column: Column, tables: Tables): ColumnFinding {
  const cells = cellsOf(column.samples);
  const name = nameClue(column.name, column.table, column.siblings);
  const values = [...valueClues(cells, tables), ...wordClues(cells, tables)];
  const types = new Set<DetectedType>([...(name === null ? [] : [name.type]), ...values.map(({ type }) => type)]);
  let best: ColumnFinding = NOTHING;
  for (const type of types) {
    const value = values.find((clue) => clue.type === type) ?? null;
    const reasons: Reason[] = [PRIOR];
    if (name?.type === type) reasons.push(name.reason);
    if (value !== null) {
      reasons.push(asHeard(value, name?.type === type));
      if (name?.type !== type && LISTED.has(type) && !isBlankName(column.name)) reasons.push(UNNAMED);
    } else if (CHECKABLE.has(type) && cells.length >= 3)
      reasons.push({ says: `none of ${cells.length} values is one`, adds: -4 });
    const veto = typeVeto(type, column.sqlType);
    if (veto !== null) reasons.push(veto);
    const one = findingOf(type, name?.type === type ? name.detail : null, value, reasons);
    if (one.confidence > best.confidence) best = one;
  }
  return best.confidence >= SUGGEST ? best : { ...best, type: null, detail: null, level: 'none' };
}

const NOTHING: ColumnFinding = {
  type: null,
  detail: null,
  confidence: 0.01,
  level: 'none',
  prevalence: null,
  reasons: [PRIOR],
};

function findingOf(
  type: DetectedType,
  named: string | null,
  value: ValueClue | null,
  reasons: readonly Reason[],
): ColumnFinding {
  const sum = reasons.reduce((all, { adds }) => all + adds, 0);
  const confidence = Math.round(Math.max(0.01, Math.min(0.99, 1 / (1 + Math.exp(-sum)))) * 1000) / 1000;
  return {
    type,
    // countries and states are places by the lists, as towns are: which of them is said by the name
    detail: value?.detail === 'city' ? (named ?? 'city') : (value?.detail ?? named),
    confidence,
    level: confidence >= CERTAIN ? 'certain' : confidence >= SUGGEST ? 'suggest' : 'none',
    prevalence: value?.prevalence ?? null,
    reasons,
  };
}
