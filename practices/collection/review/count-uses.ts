/** What entries of the audit log say of the use of fields: by purpose, day, and whether a person or a program asked. */
import type { FieldUse, Written } from '../store/review.ts';

const READS = new Set(['vault.read', 'vault.search', 'vault.export', 'vault.detokenise']);
const WRITES = new Set(['vault.write', 'vault.intake']);

type Entry = {
  action?: string;
  outcome?: string;
  ts?: string;
  purpose?: string;
  actor?: { kind?: string };
  detail?: {
    collection?: string;
    collections?: readonly string[];
    clear?: readonly string[];
    masked?: readonly string[];
    records?: number;
    field?: string;
  };
};

/** @param entries bytes as the log has them; what is no JSON was tampered with, and `audit verify` says so */
export function countUses(entries: readonly Buffer[]): { uses: FieldUse[]; written: Written[] } {
  const uses = new Map<string, { -readonly [K in keyof FieldUse]: FieldUse[K] }>();
  const written = new Map<string, { -readonly [K in keyof Written]: Written[K] }>();
  for (const bytes of entries) {
    const { action = '', outcome, ts = '', purpose, actor, detail } = parse(bytes) ?? {};
    if (outcome !== 'done' || detail === undefined) continue;
    const day = ts.slice(0, 10);
    const collections = detail.collections ?? (detail.collection === undefined ? [] : [detail.collection]);
    if (WRITES.has(action))
      for (const collection of collections) {
        const key = `${collection} ${day}`;
        const row = written.get(key) ?? { collection, day, records: 0 };
        row.records += detail.records ?? 0;
        written.set(key, row);
      }
    const kind = actor?.kind;
    if (purpose === undefined || (kind !== 'service' && kind !== 'staff')) continue;
    const add = (field: string, how: 'clear' | 'masked'): void => {
      for (const collection of collections) {
        const key = [collection, field, purpose, kind, day].join(' ');
        const row = uses.get(key) ?? { collection, field, purpose, kind, day, clear: 0, masked: 0, records: 0 };
        row[how] += 1;
        row.records += detail.records ?? 1;
        uses.set(key, row);
      }
    };
    if (READS.has(action)) {
      for (const field of detail.clear ?? []) add(field, 'clear');
      for (const field of detail.masked ?? []) add(field, 'masked');
    } else if (action === 'vault.tokenise' && detail.field !== undefined) add(detail.field, 'clear');
    else if (action === 'vault.download') add('@attachments', 'clear');
  }
  return { uses: [...uses.values()], written: [...written.values()] };
}

function parse(bytes: Buffer): Entry | null {
  try {
    return JSON.parse(bytes.toString('utf8')) as Entry | null;
  } catch {
    return null;
  }
}
