/**
 * W4: every SQL statement stands in a `store.ts` (or `store/`), a numbered `sql/` file, or in platform/db.
 */
import { isImportSource } from './imports.ts';
import { isEdge, type Place } from './place.ts';

const STATEMENT =
  /^\s*(select|insert\s+into|update|delete\s+from|with|create|alter|drop|truncate|lock|copy|listen|notify|set|begin|commit|grant|revoke|merge|vacuum|analyze|explain|call|do)\s/i;
const UNMISTAKABLE =
  /^\s*(insert\s+into\s+[\w".]+\s*[(\s]|delete\s+from\s+\w+|create\s+(unlogged\s+)?(table|schema|(unique\s+)?index|database|role|extension|or\s+replace|function)\s|alter\s+(table|role|database|schema)\s|drop\s+(table|schema|database|role|index)\s|truncate\s+(table\s+)?[\w".]+\s*$|update\s+[\w".]+\s+set\s|SELECT\s[\s\S]*\sFROM\s)/;
const QUERY_TAGS = new Set(['sql', 'db', 'tx', 'client', 'connection', 'pool']);

export const SQL_MESSAGE =
  'W4: SQL only in store.ts or store/, sql/ and platform/db: give this statement a function in the store';

export function mayHoldSql(place: Place): boolean {
  if (place.isTest || ['tools', 'bench', 'e2e'].includes(place.area) || isImportSource(place)) return true;
  if (place.home === 'platform/db' || place.home === 'platform/testing') return true;
  return (place.area === 'platform' || place.area === 'practices') && (isEdge(place, 'store') || isEdge(place, 'sql'));
}

/** A tagged template: by its tag's name, or by what it says. */
export function isSqlTemplate(tagName: string, text: string): boolean {
  return QUERY_TAGS.has(tagName) || STATEMENT.test(text);
}

/** A plain string that nobody would write in a sentence. */
export function isSqlText(text: string): boolean {
  return UNMISTAKABLE.test(text);
}
