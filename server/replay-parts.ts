/** Single records and fields that went: from the account of what went into the ledger of backups, and back at a restore. */
import { transact, type Db } from '#platform/db';
import type { SubjectId } from '#platform/ids';
import type { GonePart, PartsSince } from '#practices/backups';
import type { RetentionEngine } from '#practices/collection';
import type { Vault } from '#practices/vault';

/** In the order of the account. Whole subjects are in the ledger by their tombstones. */
export async function partsGone(
  { erasedSince }: RetentionEngine,
  after: string,
  limit: number,
): ReturnType<PartsSince> {
  const rows = await erasedSince(after, limit);
  const parts = rows.flatMap(({ seq, record, fields, at }) => (record === null ? [] : [{ seq, record, fields, at }]));
  return { parts, to: rows.at(-1)?.seq ?? after, more: rows.length === limit };
}

const PAGE = 500;
const ATTACHMENTS = '@attachments';
/** What is told of a field that the catalogue does not have: its number. */
const NUMBER = /^#(\d{1,5})$/;

type Wanted = { whole: boolean; fields: Set<string> };

/**
 * Takes away again what went after the rows were as they are. What was made coarse goes too: what it was is not told.
 * @returns how many records and fields there were to take
 */
export async function replayParts(
  { db, retention, vault }: Readonly<{ db: Db; retention: RetentionEngine; vault: Vault }>,
  parts: readonly GonePart[],
): Promise<{ records: number; fields: number }> {
  const wanted = await notYetGone(retention, parts);
  const done = { records: 0, fields: 0 };
  if (wanted.size === 0) return done;
  for (let after: SubjectId | null = null; ;) {
    const page: Awaited<ReturnType<Vault['retention']['page']>> = await vault.retention.page(after, PAGE);
    const last = page.at(-1);
    if (last === undefined) return done;
    after = last.subjectId;
    for (const { subjectId, records } of page) {
      const changes = records.flatMap((record) => {
        const mac = retention.erasures.recordMac({ subjectId, recordNo: record.recordNo }).toString('hex');
        const found = wanted.get(mac);
        return found === undefined ? [] : [changeOf(record.recordNo, found, record.undeclared)];
      });
      if (changes.length === 0) continue;
      const gone = await transact(db, async (tx) => {
        await vault.retention.lock(tx, subjectId);
        return vault.retention.retire(tx, subjectId, changes, { id: 'restore', ruleHash: '' });
      });
      done.records += gone.records;
      done.fields += gone.fields + gone.attachments;
    }
  }
}

/** The rows know of what went before them: their own account has it. */
async function notYetGone(retention: RetentionEngine, parts: readonly GonePart[]): Promise<Map<string, Wanted>> {
  const open = new Map(parts.map((part) => [`${part.seq} ${part.record}`, part]));
  const first = Math.min(...parts.map(({ seq }) => Number(seq.split('.')[0])));
  for (let after = parts.length === 0 ? null : `${Math.max(0, first - 1)}.999999`; after !== null;) {
    const rows: Awaited<ReturnType<RetentionEngine['erasedSince']>> = await retention.erasedSince(after, 1000);
    for (const { seq, record } of rows) if (record !== null) open.delete(`${seq} ${record}`);
    after = rows.at(-1)?.seq ?? null;
  }
  const wanted = new Map<string, Wanted>();
  for (const { record, fields } of open.values()) {
    const one = wanted.get(record) ?? { whole: false, fields: new Set() };
    if (fields.length === 0) one.whole = true;
    for (const name of fields) one.fields.add(name);
    wanted.set(record, one);
  }
  return wanted;
}

function changeOf(recordNo: bigint, { whole, fields }: Wanted, undeclared: readonly number[]) {
  const names = [...fields];
  return {
    recordNo,
    whole,
    erase: names.filter((name) => name !== ATTACHMENTS && !NUMBER.test(name)),
    undeclared: names.flatMap((name) => {
      const number = Number(NUMBER.exec(name)?.[1] ?? Number.NaN);
      return undeclared.includes(number) ? [number] : [];
    }),
    coarsen: [],
    attachments: fields.has(ATTACHMENTS),
  };
}
