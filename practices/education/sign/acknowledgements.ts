/**
 * Signing a policy: this very text, read in this language, by this person, who has just shown who they are. The log's
 * entry is the receipt: it can be proven without us.
 */
import type { Audit } from '#platform/audit';
import { transact, type Db } from '#platform/db';
import { parsePublicId, publicId, uuidv7 } from '#platform/ids';

import type { By } from '../by.ts';
import { educationFailure } from '../failures.ts';
import type { Gate } from '../standing/gate.ts';
import { acksOf, insertAck, type AckRow } from '../store/acknowledgements.ts';
import { noteChange } from '../store/changes.ts';

export type ToSign = Readonly<{
  policy: string;
  /** Of the whole text that was shown. */
  hash: string;
  locale: string;
  /** For each question of the text, the place of the answer, from 0. */
  answers: readonly number[];
}>;
export type Signed = Readonly<{
  id: string;
  policy: string;
  seq: number;
  hash: string;
  locale: string;
  entry: number;
  signedAt: Date;
}>;

export type Acknowledgements = {
  /** @throws EDUCATION_TEXT_NOT_FOUND, EDUCATION_TEXT_CHANGED, EDUCATION_CHECKS_WRONG */
  sign: (by: By, who: Readonly<{ person: string; session: string }>, wanted: ToSign) => Promise<Signed>;
  list: (person: string) => Promise<readonly Signed[]>;
  /** tlog-proof of the entry, which verifies offline. @throws EDUCATION_NOT_SIGNED, AUDIT_NOT_PUBLISHED */
  receipt: (person: string, policy: string) => Promise<Signed & Readonly<{ proof: string }>>;
};

type AckNeeds = Readonly<{ db: Db; audit: Pick<Audit, 'appendIn' | 'prove'>; gate: Gate }>;

export function createAcknowledgements({ db, audit, gate }: AckNeeds): Acknowledgements {
  const list: Acknowledgements['list'] = async (person) => {
    const id = parsePublicId('per', person);
    return id === null ? [] : (await acksOf(db, id)).map(asSigned);
  };
  return {
    list,
    sign: async (by, { person, session }, { policy, hash, locale, answers }) => {
      const personId = parsePublicId('per', person);
      if (personId === null) throw educationFailure('PERSON_NOT_FOUND');
      const newest = (await gate.library()).newest('policy', policy);
      if (newest === null) throw educationFailure('TEXT_NOT_FOUND');
      if (newest.hash !== hash || newest.locale !== locale) throw educationFailure('TEXT_CHANGED');
      const { checks } = newest.text();
      const wrong = checks.filter((check, at) => check.answers[answers[at] ?? -1]?.right !== true).length;
      if (answers.length !== checks.length || wrong > 0) throw educationFailure('CHECKS_WRONG', { extra: { wrong } });
      return transact(db, async (tx) => {
        const row: Omit<AckRow, 'entry'> = {
          ack_id: uuidv7(), person_id: personId, policy, seq: newest.seq, hash, locale, session_id: session, signed_at: gate.now(),
        };
        await noteChange(tx, personId);
        const { index } = await audit.appendIn(tx, {
          action: 'education.policy.sign', actor: by.actor, outcome: 'done', requestId: by.requestId,
          detail: { policy, seq: newest.seq, hash, locale, session, acknowledgement: publicId('ack', row.ack_id) },
        });
        await insertAck(tx, { ...row, entry: index });
        return asSigned({ ...row, entry: index });
      });
    },
    receipt: async (person, policy) => {
      const signed = (await list(person)).find((each) => each.policy === policy);
      if (signed === undefined) throw educationFailure('NOT_SIGNED');
      return { ...signed, proof: await audit.prove(signed.entry, { withEntry: true }) };
    },
  };
} // prettier-ignore

const asSigned = (row: AckRow): Signed => ({
  id: publicId('ack', row.ack_id),
  policy: row.policy,
  seq: row.seq,
  hash: row.hash,
  locale: row.locale,
  entry: Number(row.entry),
  signedAt: row.signed_at,
});
