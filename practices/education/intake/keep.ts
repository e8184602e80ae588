/** Words of a report under its own key: without the key's row nobody reads them, whatever copy of them there is. */
import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';

import { hmacExpand } from '#platform/crypto';
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';

import { createWords, type Words } from '../incidents/words.ts';
import { insertWords, keyOf, wordsOf, type NewWords, type WordsRow } from '../store/intake.ts';

export type Kept = Readonly<{ seq: number; saidBy: WordsRow['said_by']; at: Date; by: string | null; /** Null: its key is gone. */ text: string | null }>; // prettier-ignore
export type Keep = ReturnType<typeof createKeep>;

export function createKeep(root: KeyObject) {
  const over = createWords(createSecretKey(hmacExpand(root, 'strongroom/intake/keys/1')));
  const open = async (db: Statements, report: Uuid): Promise<Words | null> => {
    const sealed = await keyOf(db, report);
    return sealed === null
      ? null
      : createWords(createSecretKey(Buffer.from(over.open(report, 0, sealed), 'base64url')));
  };
  const read = async (db: Statements, report: Uuid): Promise<Kept[]> => {
    const [rows, words] = [await wordsOf(db, report), await open(db, report)];
    return rows.map(({ seq, said_by, at, by, sealed }) => ({
      seq,
      saidBy: said_by,
      at,
      by,
      text: words?.open(report, seq, sealed) ?? null,
    }));
  };
  return {
    /** The key of a new report, as it is kept. */
    newKey: (report: Uuid): Buffer => over.seal(report, 0, randomBytes(32).toString('base64url')),
    read,
    /** Behind what was said before. @returns false: the key is gone, and nothing is added */
    add: async (
      tx: Statements,
      report: Uuid,
      { text, ...words }: Omit<NewWords, 'sealed'> & Readonly<{ text: string }>,
    ): Promise<boolean> => {
      const own = await open(tx, report);
      if (own === null) return false;
      const seq = (await wordsOf(tx, report)).length + 1;
      await insertWords(tx, report, seq, { ...words, sealed: own.seal(report, seq, text) });
      return true;
    },
  };
}
