/**
 * Mails of exercises: handed to the outbox when they are due, and noted once they left. The link's token exists in the mail
 * alone, sealed until it leaves; here is its hash.
 */
import { createHash, randomBytes, randomInt } from 'node:crypto';

import { transact, type Statements } from '#platform/db';
import { isFailure } from '#platform/failure';
import { publicId } from '#platform/ids';

import {
  claimTarget,
  leaveOut,
  moveTarget,
  queuedTargets,
  queueTarget,
  settleTarget,
  type QueuedRow,
  type TargetState,
} from '../store/campaigns.ts';
import { insertToken } from '../store/phish-events.ts';
import { lureOf, type Lure } from './lure.ts';
import type { PhishingNeeds, Staff } from './needs.ts';
import { readPhishTemplate } from './template.ts';
import { minutesWithin, worksAt, type MinutePicker } from './working-minutes.ts';

export const tokenHash = (token: string): Buffer => createHash('sha256').update(`strongroom/phish/1 ${token}`).digest();
export const newLinkToken = (): string => randomBytes(16).toString('base64url');

const AT_ONCE = 200;
/** A server that was down does not write at night. */
const LATE_MS = 3_600_000;

/** Hands over what is due. @returns how many */
export async function sendDue(needs: PhishingNeeds): Promise<number> {
  const { db, clock, origin } = needs;
  if (origin === null) return 0;
  // asked before a transaction, which holds a connection
  const staff = new Map((await needs.staff()).map((person) => [person.id, person]));
  const customers = new Map<string, boolean>();
  const minutes = new Map<string, MinutePicker>();
  let sent = 0;
  for (let each = 0; each < AT_ONCE; ) {
    const now = clock();
    const done = await transact(db, async (tx): Promise<Done> => {
      const target = await claimTarget(tx, now);
      if (target === null) return { did: 'nothing' };
      const works = worksAt(target.zone, needs.hours.spans);
      if (now.getTime() - target.due_at.getTime() > LATE_MS || !works(now)) {
        const key = `${target.zone} ${target.until_at.getTime()}`;
        const left = minutes.get(key) ?? minutesWithin({ from: now, until: target.until_at, works });
        minutes.set(key, left);
        const later = left((below) => randomInt(below));
        await (later === null ? leaveOut(tx, target) : moveTarget(tx, target, later));
        return { did: 'move' };
      }
      const person = staff.get(publicId('per', target.person_id));
      if (person?.state === 'active' && !customers.has(person.email)) return { did: 'ask', of: person.email };
      const mail = person?.state === 'active' && customers.get(person.email) === false ? lured(target, person, origin) : null;
      const isQueued = mail !== null && (await queueMail(needs, tx, target, mail));
      if (!isQueued) await leaveOut(tx, target);
      return { did: isQueued ? 'send' : 'move' };
    });
    if (done.did === 'nothing') break;
    if (done.did === 'ask') customers.set(done.of, await needs.isCustomer(done.of));
    else each += 1;
    if (done.did === 'send') sent += 1;
  }
  return sent;
} // prettier-ignore

type Done = Readonly<{ did: 'nothing' | 'move' | 'send' } | { did: 'ask'; of: string }>;
type Claimed = NonNullable<Awaited<ReturnType<typeof claimTarget>>>;
type Lured = Readonly<{ token: string; to: string; lure: Lure }>;

function lured({ source }: Claimed, { name, email }: Staff, origin: string): Lured | null {
  const template = readPhishTemplate(source);
  const token = newLinkToken();
  return template.ok ? { token, to: email, lure: lureOf(template.value, { name, link: `${origin}/${token}` }) } : null;
}

/** @returns false for somebody to whom no mail can be written, such as by an address that mail servers do not take */
async function queueMail({ mail, clock }: PhishingNeeds, tx: Statements, target: Claimed, { token, to, lure }: Lured): Promise<boolean> {
  const { campaign_id, person_id, role, mode } = target;
  // kept for a year as a hash that whoever has its key can make of a person's id: in groups it is of nobody's
  const dedupe = mode === 'groups' ? randomBytes(16).toString('hex') : `${campaign_id} ${person_id}`;
  try {
    const { id } = await mail.queue(tx, { ...lure, to, kind: 'education.exercise', dedupeKey: `education.exercise ${dedupe}` });
    await insertToken(tx, {
      token_hash: tokenHash(token), campaign_id, mail_id: id, role, queued_at: clock(), person_id: mode === 'groups' ? null : person_id,
    });
    await queueTarget(tx, target, id);
    return true;
  } catch (thrown) {
    if (isFailure(thrown, 'MAIL_INVALID')) return false;
    throw thrown;
  }
} // prettier-ignore

const ENDS: Readonly<Record<string, TargetState | undefined>> = {
  sent: 'sent',
  refused: 'lost',
  'given-up': 'lost',
};

/** Notes which mails left. */
export async function noteSent({ db, mail }: PhishingNeeds): Promise<void> {
  let after: QueuedRow | null = null;
  do {
    const rows: readonly QueuedRow[] = await queuedTargets(db, after, AT_ONCE);
    const found = await mail.statesOf(db, rows.map((row) => row.mail_id as string)); // prettier-ignore
    for (const row of rows) {
      const came = found.get(row.mail_id as string);
      const state = came === undefined ? 'lost' : ENDS[came.state];
      if (state !== undefined)
        await transact(db, (tx) => settleTarget(tx, row, state, state === 'sent' ? (came?.doneAt ?? null) : null));
    }
    after = rows.length < AT_ONCE ? null : (rows.at(-1) as QueuedRow);
  } while (after !== null);
}
