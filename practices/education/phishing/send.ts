/**
 * Mails of exercises: handed to the outbox when they are due, and noted once they left. The link's token exists in the mail
 * alone, sealed until it leaves; here is its hash.
 */
import { createHash, randomBytes, randomInt } from 'node:crypto';

import { transact } from '#platform/db';
import { publicId } from '#platform/ids';

import {
  claimTarget,
  leaveOut,
  moveTarget,
  queuedTargets,
  queueTarget,
  settleTarget,
  type TargetState,
} from '../store/campaigns.ts';
import { insertToken } from '../store/phish-events.ts';
import { lureOf } from './lure.ts';
import type { PhishingNeeds } from './needs.ts';
import { readPhishTemplate } from './template.ts';
import { randomMinute, worksAt } from './working-minutes.ts';

export const tokenHash = (token: string): Buffer => createHash('sha256').update(`strongroom/phish/1 ${token}`).digest();
export const newLinkToken = (): string => randomBytes(16).toString('base64url');

const AT_ONCE = 200;
/** A server that was down does not write at night. */
const LATE_MS = 3_600_000;

/** Hands over what is due. @returns how many */
export async function sendDue(needs: PhishingNeeds): Promise<number> {
  const { db, clock, origin } = needs;
  if (origin === null) return 0;
  let people: Map<string, Awaited<ReturnType<PhishingNeeds['staff']>>[number]> | null = null;
  let sent = 0;
  for (let each = 0; each < AT_ONCE; each += 1) {
    const now = clock();
    // asked before the transaction, which holds a connection
    people ??= new Map((await needs.staff()).map((person) => [person.id, person]));
    const staff = people;
    const done = await transact(db, async (tx) => {
      const target = await claimTarget(tx, now);
      if (target === null) return null;
      const { campaign_id, person_id, role, zone } = target;
      const works = worksAt(zone, needs.hours.spans);
      if (now.getTime() - target.due_at.getTime() > LATE_MS || !works(now)) {
        const later = randomMinute({ from: now, until: target.until_at, works, pick: (below) => randomInt(below) });
        await (later === null ? leaveOut(tx, target) : moveTarget(tx, target, later));
        return 'moved' as const;
      }
      const person = staff.get(publicId('per', person_id));
      const template = readPhishTemplate(target.source);
      if (person?.state !== 'active' || !template.ok || (await needs.isCustomer(person.email))) {
        await leaveOut(tx, target);
        return 'moved' as const;
      }
      const token = newLinkToken();
      const lure = lureOf(template.value, { name: person.name, link: `${origin}/${token}` });
      const { id } = await needs.mail.queue(tx, {
        ...lure, to: person.email, kind: 'education.exercise',
        // kept for a year as a hash that whoever has its key can make of a person's id: in groups it is of nobody's
        dedupeKey: `education.exercise ${target.mode === 'groups' ? randomBytes(16).toString('hex') : `${campaign_id} ${person_id}`}`,
      });
      await insertToken(tx, {
        token_hash: tokenHash(token), campaign_id, mail_id: id, role, queued_at: now,
        person_id: target.mode === 'groups' ? null : person_id,
      });
      await queueTarget(tx, target, id);
      return 'sent' as const;
    });
    if (done === null) break;
    if (done === 'sent') sent += 1;
  }
  return sent;
} // prettier-ignore

const ENDS: Readonly<Record<string, TargetState | undefined>> = {
  sent: 'sent',
  refused: 'lost',
  'given-up': 'lost',
};

/** Notes which mails left. */
export async function noteSent({ db, mail }: PhishingNeeds): Promise<void> {
  for (const row of await queuedTargets(db)) {
    const found = await mail.stateOf(db, row.mail_id as string);
    const state = found === null ? 'lost' : ENDS[found.state];
    if (state !== undefined)
      await transact(db, (tx) => settleTarget(tx, row, state, state === 'sent' ? (found?.doneAt ?? null) : null));
  }
}
