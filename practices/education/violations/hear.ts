/** What the person says: a statement before anything is decided, and an appeal afterwards. */
import { transact } from '#platform/db';
import { publicId } from '#platform/ids';

import type { By } from '../by.ts';
import { violationFailure } from './failures.ts';
import { awayOf, holdViolation, insertWord, updateViolation, wordsIn } from '../store/violations.ts';
import { nearTo } from './near.ts';
import type { Opened } from './needs.ts';
import { personOf, violationUuid } from './open.ts';
import { whereIs } from './times.ts';

/** @param text null: they say that they say nothing @throws EDUCATION_VIOLATION_NOT_FOUND, EDUCATION_VIOLATION_STATE */
export const giveStatement = (needs: Opened, by: By, id: string, text: string | null): Promise<void> =>
  say(needs, by, id, 'statement', text);
export const giveAppeal = (needs: Opened, by: By, id: string, text: string): Promise<void> => say(needs, by, id, 'appeal', text); // prettier-ignore

async function say({ db, gate, words, audit, zone, outside }: Opened, by: By, id: string, kind: 'statement' | 'appeal', text: string | null): Promise<void> {
  const who = personOf(by);
  const uuid = violationUuid(id);
  await gate.refresh();
  const { tell } = await outside();
  await transact(db, async (tx) => {
    const row = await holdViolation(tx, uuid);
    // whom it is not about learns nothing of it here, whatever else they may
    if (row === null || publicId('per', row.person_id) !== who) throw violationFailure('VIOLATION_NOT_FOUND');
    const now = gate.now();
    const { state } = whereIs(row, await awayOf(tx, row.person_id), zone, now);
    if (kind === 'statement' && row.stated_at !== null) throw violationFailure('VIOLATION_STATE', { detail: 'you have given your statement' });
    const said = await wordsIn(tx, [uuid]);
    // late is better than never, as long as nobody has begun to decide on what there was
    const isOpen = kind === 'statement' ? state === 'hearing' || (state === 'review' && !said.some((each) => each.kind === 'vote')) : state === 'decided';
    if (!isOpen) throw violationFailure('VIOLATION_STATE', { detail: kind === 'statement' ? 'it is being decided, or was' : 'there is nothing to appeal against, or the time for it is over' });
    const seq = (said.at(-1)?.seq ?? 0) + 1;
    await insertWord(tx, { violation_id: uuid, seq, kind, at: now, who, choice: null, sealed: text === null ? null : words.seal(uuid, seq, text) });
    await updateViolation(tx, row, { ...(kind === 'statement' ? { stated_at: now, review_told: true } : { appealed_at: now }), version: row.version + 1 });
    await tell(tx, { step: kind === 'statement' ? 'to-decide' : 'appealed', violation: id, person: who, until: null, not: nearTo(row, said) });
    // whom it is about stands in no entry of ours; who said it stands beside the words
    await audit.appendIn(tx, { action: `education.violation.${kind}`, actor: { kind: 'system', id: 'violations' }, outcome: 'done', detail: { violation: id, said: text !== null } });
  });
} // prettier-ignore
