/**
 * Who saw my data: entries of the audit log, found by the subject's pseudonym, each with the log's own proof.
 *
 * An entry names at most 16 subjects and has a hash of the others: who was in a larger read is written down here before
 * its data leaves (`noteBatch`). Employees' names are not shown: their role is (CJEU C-579/21).
 */
import { subjectPseudonym, type Audit } from '#platform/audit';
import { transact, type Db } from '#platform/db';
import { uuidText, type SubjectId, type Uuid } from '#platform/ids';
import type { KeyObject } from 'node:crypto';

import { privacyFailure } from '../failures.ts';
import { addBatch, addSeen, batchesIn, entriesAbout, holdCursor, isAbout, moveCursor } from '../store/seen.ts';

export type SeenEntry = Readonly<{
  index: number;
  at: string;
  what: string;
  role: string | null;
  kind: 'service' | 'staff' | 'system' | 'subject';
  /** By the subject in the center. */
  own: boolean;
  /** Of the system's own: their address was looked at to write to them, or to let them in. */
  errand: 'mail' | 'sign-in' | null;
  purpose: string | null;
  clear: readonly string[];
  masked: readonly string[];
  outcome: 'done' | 'denied' | 'failed';
}>;
export type Seen = {
  /** Newest first. @param before index of the last one seen */
  list: (subjectId: SubjectId, page: { before: number | null; limit: number }) => Promise<readonly SeenEntry[]>;
  /** @throws PRIVACY_REQUEST_NOT_FOUND for an entry about somebody else, AUDIT_NOT_PUBLISHED */
  proof: (subjectId: SubjectId, index: number) => Promise<string>;
  isAbout: (subjectId: SubjectId, index: number) => Promise<boolean>;
  /** Takes in what the log has since the last time, at most 1,000 entries. @returns whether there may be more */
  fold: () => Promise<boolean>;
  noteBatch: (index: bigint, subjects: readonly SubjectId[]) => Promise<void>;
  /** Pseudonyms of those who stood in entries of larger reads. */
  batchesOf: (entries: readonly number[]) => Promise<ReadonlyMap<number, readonly Uuid[]>>;
};
export type SeenNeeds = Readonly<{ db: Db; log: Pick<Audit, 'read' | 'size' | 'prove'>; pseudonymKey: KeyObject }>;

const PAGE = 1000;
/** Reads, also of what they said and asked, and what is done to a subject. */
const SHOWN =
  /^privacy\.(consents|request)\.read$|^vault\.(read|search|export|detokenise|tokenise|download|attachments|find|look|restrict|unrestrict|delete|detach|records\.\w+)$/;

type Entry = Readonly<{
  ts: string;
  action: string;
  actor: { kind: SeenEntry['kind']; id: string; role?: string };
  subjects?: readonly string[];
  purpose?: string;
  outcome: SeenEntry['outcome'];
  detail?: { clear?: readonly string[]; masked?: readonly string[] };
}>;

export function createSeen({ db, log, pseudonymKey }: SeenNeeds): Seen {
  const pseudonym = (subjectId: SubjectId): Uuid => asUuid(subjectPseudonym(pseudonymKey, subjectId));
  return {
    noteBatch: (index, subjects) => addBatch(db, Number(index), [...new Set(subjects)].map(pseudonym)),
    batchesOf: async (entries) =>
      new Map((await batchesIn(db, entries)).map(({ entry, pseudonyms }) => [Number(entry), pseudonyms])),
    isAbout: (subjectId, index) => isAbout(db, pseudonym(subjectId), index),
    list: async (subjectId, { before, limit }) => {
      const entries: SeenEntry[] = [];
      let from = before;
      for (;;) {
        const found = await entriesAbout(db, pseudonym(subjectId), from, limit);
        for (const index of found) {
          const [row] = await log.read(index, index + 1);
          const entry = row === undefined ? null : parse(row.bytes);
          if (entry !== null && SHOWN.test(entry.action)) entries.push(asSeen(index, entry));
          if (entries.length === limit) return entries;
        }
        if (found.length < limit) return entries;
        from = found.at(-1) ?? null;
      }
    },
    proof: async (subjectId, index) => {
      if (!(await isAbout(db, pseudonym(subjectId), index))) throw privacyFailure('REQUEST_NOT_FOUND');
      return log.prove(index, { withEntry: true });
    },
    fold: () =>
      transact(db, async (tx) => {
        const from = await holdCursor(tx);
        const entries = await log.read(from, Math.min(from + PAGE, await log.size()));
        const rows = entries.flatMap(({ index, bytes }) => {
          const entry = parse(bytes);
          if (entry === null || !SHOWN.test(entry.action)) return [];
          return (entry.subjects ?? []).map((each) => ({ pseudonym: asUuid(each), entry: index }));
        });
        await addSeen(tx, rows);
        await moveCursor(tx, from + entries.length);
        return entries.length === PAGE;
      }),
  };
}

/** 16 bytes are what a UUID holds, though these are none. */
const asUuid = (text: string): Uuid => uuidText(Buffer.from(text, 'base64url'));

function asSeen(index: number, { ts, action, actor, purpose, outcome, detail }: Entry): SeenEntry {
  return {
    index,
    at: ts,
    what: action,
    role: actor.role ?? null,
    kind: actor.kind,
    own: actor.kind === 'system' && actor.id === 'center',
    errand: actor.kind === 'system' && (actor.id === 'mail' || actor.id === 'sign-in') ? actor.id : null,
    purpose: purpose ?? null,
    clear: detail?.clear ?? [],
    masked: detail?.masked ?? [],
    outcome,
  };
}

/** An entry that is no JSON was tampered with: `audit verify` says so. */
function parse(bytes: Buffer): Entry | null {
  try {
    return JSON.parse(bytes.toString('utf8')) as Entry;
  } catch {
    return null;
  }
}
