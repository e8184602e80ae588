/**
 * The account of what went: one row for each subject, record or set of fields, by HMAC, in the transaction that took it
 * away. It stays when the subject is gone, and a restore is replayed from it.
 * Source: docs/formats/erasure-row.md
 */
import { createHash } from 'node:crypto';

import { lengthPrefixed, type Mac } from '#platform/crypto';
import type { Db, Tx } from '#platform/db';
import { uuidBytes, type RecordId, type SubjectId } from '#platform/ids';
import type { Gone } from '#practices/vault';

import { erasuresAfter, erasuresOfRun, insertErasures, type ErasureRow } from '../store/erasures.ts';

export type Erasure = Readonly<{
  /** Where it stands: pass it to `erasedSince` to go on behind it. */
  seq: string;
  auditIndex: number;
  scope: 'subject' | 'record' | 'fields';
  /** 64 hex digits: HMAC of the id, compared with those of living subjects after a restore. */
  subject: string;
  record: string | null;
  collection: string | null;
  fields: readonly string[];
  cause: string;
  run: string | null;
  ruleHash: string | null;
  at: string;
}>;

export type Erasures = {
  /** In the transaction that took it away. */
  note: (tx: Tx, gone: Gone) => Promise<void>;
  /** In the order of the log, so nothing comes later before a row that was seen. @param seq exclusive; empty: from the first */
  erasedSince: (seq: string, limit: number) => Promise<readonly Erasure[]>;
  /** What a living subject or record would have in the account: for a replay after a restore. */
  subjectMac: (id: SubjectId) => Buffer;
  recordMac: (id: RecordId) => Buffer;
  /** SHA-256 over the rows of a run in order, with their number and their ends. */
  digestOf: (run: string) => Promise<RunDigest>;
};
export type RunDigest = Readonly<{
  rows: number;
  digest: string;
  first: string;
  last: string;
  lowest: string;
  highest: string;
}>;

const PAGE = 1000;
const START = { auditIndex: -1n, n: -1 };

export function createErasures({ db, mac }: Readonly<{ db: Db; mac: Mac }>): Erasures {
  const subjectMac = (id: SubjectId): Buffer => mac(lengthPrefixed('strongroom/erased-subject/1', uuidBytes(id)));
  const recordMac = ({ subjectId, recordNo }: RecordId): Buffer => {
    const number = Buffer.alloc(8);
    number.writeBigInt64BE(recordNo);
    return mac(lengthPrefixed('strongroom/erased-record/1', uuidBytes(subjectId), number));
  };
  return {
    subjectMac,
    recordMac,
    note: (tx, gone) => {
      const row = {
        audit_index: gone.auditIndex, scope: gone.scope, cause: gone.cause, at: gone.at,
        run_id: gone.run?.id ?? null, rule_hash: gone.run?.ruleHash ?? null,
      }; // prettier-ignore
      if (gone.scope === 'subject')
        return insertErasures(tx, [
          { ...row, subject_mac: subjectMac(gone.subjectId), record_mac: null, collection: null, fields: [] },
        ]);
      return insertErasures(
        tx,
        gone.parts.map(({ id, collection, fields }) => ({
          ...row,
          subject_mac: subjectMac(id.subjectId),
          record_mac: recordMac(id),
          collection,
          fields: [...fields],
        })),
      );
    },
    erasedSince: async (seq, limit) => (await erasuresAfter(db, parseSeq(seq), limit)).map(view),
    digestOf: async (run) => {
      const hash = createHash('sha256');
      let [rows, first, last, lowest, highest] = [0, '', '', '', ''];
      for (let after = START; ;) {
        const page = await erasuresOfRun(db, run, after, PAGE);
        for (const row of page) {
          const each = view(row);
          hash.update(lineOf(each));
          rows += 1;
          first ||= each.seq;
          last = each.seq;
          if (lowest === '' || each.subject < lowest) lowest = each.subject;
          if (each.subject > highest) highest = each.subject;
        }
        const end = page.at(-1);
        if (end === undefined) break;
        after = { auditIndex: end.audit_index, n: end.n };
      }
      return { rows, digest: hash.digest('hex'), first, last, lowest, highest };
    },
  };
}

/** One line of what a certificate has the hash of. */
export const lineOf = ({ seq, scope, subject, record, collection, fields }: Erasure): string =>
  `${seq} ${scope} ${subject} ${record ?? '-'} ${collection ?? '-'} ${fields.length === 0 ? '-' : fields.join(',')}\n`;

function view(row: ErasureRow): Erasure {
  return {
    seq: `${row.audit_index}.${row.n}`,
    auditIndex: Number(row.audit_index),
    scope: row.scope,
    subject: row.subject_mac.toString('hex'),
    record: row.record_mac?.toString('hex') ?? null,
    collection: row.collection,
    fields: row.fields,
    cause: row.cause,
    run: row.run_id,
    ruleHash: row.rule_hash,
    at: row.at.toISOString(),
  };
}

function parseSeq(seq: string): typeof START {
  const [, index, n] = /^(\d{1,15})\.(\d{1,6})$/.exec(seq) ?? [];
  return index === undefined ? START : { auditIndex: BigInt(index), n: Number(n) };
}
