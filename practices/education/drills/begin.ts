/** Beginning a drill: for oneself at any time, or with others, who are told by mail. */
import { transact, type Tx } from '#platform/db';
import { isFailure } from '#platform/failure';
import { parsePublicId, publicId, uuidv7, type Uuid } from '#platform/ids';
import { subjectLine, type MailToQueue } from '#platform/mail';
import { whoActs } from '#platform/two-people';

import type { By } from '../by.ts';
import { educationFailure } from '../failures.ts';
import type { Person } from '../standing/requirements.ts';
import { aloneSince, busyIn, holdDrills, insertDrill } from '../store/drills.ts';
import { timeText } from '../standing/zone.ts';
import { endsAt } from './drill-clock.ts';
import type { Drill } from './drill.ts';
import { MARK, type DrillNeeds } from './needs.ts';
import { madeUpActors, plantBreach } from './planted.ts';

export type ToBegin = Readonly<{
  text: string;
  /** Who takes part: people, and all who have one of these roles. */
  people: readonly string[];
  roles: readonly string[];
  /** Null: now. */
  beginsAt: Date | null;
}>;

export const drillId = (uuid: Uuid): string => publicId('drl', uuid);
const MOST_PEOPLE = 200;
const DAY_MS = 86_400_000;
const LATEST_MS = 60 * DAY_MS;
/** In a day, of each text. */
const MOST_ALONE = 3;

/** @returns its id @throws EDUCATION_TEXT_NOT_FOUND, EDUCATION_PERSON_NOT_FOUND, EDUCATION_DRILL_BUSY, EDUCATION_DRILL_INVALID, EDUCATION_WAIT */
export async function beginDrill(needs: DrillNeeds, by: By, wanted: ToBegin): Promise<string> {
  const { db, audit, gate, mail } = needs;
  await gate.refresh();
  const version = (await gate.library()).newest('drill', wanted.text);
  if (version === null) throw educationFailure('TEXT_NOT_FOUND');
  const drill = version.text();
  const invited = invitedOf(await needs.people(), wanted);
  // a leap second is written as a time, and is none
  if (Number.isNaN(wanted.beginsAt?.getTime())) throw educationFailure('DRILL_INVALID', { detail: 'beginsAt is no time' });
  if (wanted.beginsAt !== null && invited.every(({ id }) => id === by.person)) throw educationFailure('DRILL_INVALID', { detail: 'one for oneself begins now' });
  const uuids = invited.map(({ id }) => parsePublicId('per', id) as Uuid);
  return transact(db, async (tx) => {
    await holdDrills(tx);
    const now = gate.now();
    const beginsAt = wanted.beginsAt === null || wanted.beginsAt < now ? now : wanted.beginsAt;
    if (beginsAt.getTime() > now.getTime() + LATEST_MS) throw educationFailure('DRILL_INVALID', { detail: 'it begins within 60 days' });
    const [alone, ...others] = uuids;
    if (alone !== undefined && others.length === 0) await mayBegin(tx, alone, drill.id, now);
    const until = endsAt(drill, { beginsAt, skippedMs: 0 });
    const busy = await busyIn(tx, uuids, beginsAt, until);
    if (busy.length > 0) throw educationFailure('DRILL_BUSY', { extra: { people: busy.map((each) => publicId('per', each)) } });
    const uuid = uuidv7(now.getTime());
    const id = drillId(uuid);
    const actors = madeUpActors(drill);
    // before the first entry, which holds the head of the log; who begins it for themselves knows
    for (const person of invited) if (person.id !== by.person) await invite(mail, tx, invitation(drill, person, beginsAt, placeOf(needs, id)));
    const planted = await plantBreach(tx, { audit, pseudonymOf: needs.stage.pseudonymOf }, drill, { drillId: uuid, idText: id, beginsAt, actors });
    const row = { drill_id: uuid, text_id: drill.id, hash: drill.hash, led_by: whoActs({ id: by.actor.id, person: by.person }), made_at: now, begins_at: beginsAt, ends_at: until, actors, planted };
    await insertDrill(tx, row, uuids);
    await audit.appendIn(tx, {
      action: 'education.drill.begin', actor: by.actor, outcome: 'done', requestId: by.requestId,
      detail: { drill: id, text: drill.id, hash: drill.hash, people: invited.length, beginsAt: beginsAt.toISOString(), planted: planted.length },
    });
    return id;
  });
} // prettier-ignore

/** Somebody to whom no mail can be written is in it nevertheless: the console shows it to them. */
async function invite(mail: DrillNeeds['mail'], tx: Tx, to: MailToQueue): Promise<void> {
  try {
    await mail.queue(tx, to);
  } catch (thrown) {
    if (!isFailure(thrown, 'MAIL_INVALID')) throw thrown;
  }
}

/** What is right is told at the end: begun again and again alone, it would be learned by rote. @throws EDUCATION_WAIT */
async function mayBegin(tx: Tx, person: Uuid, text: string, now: Date): Promise<void> {
  const last = (await aloneSince(tx, person, text, new Date(now.getTime() - DAY_MS)))[MOST_ALONE - 1];
  if (last !== undefined)
    throw educationFailure('WAIT', { extra: { until: new Date(last.getTime() + DAY_MS).toISOString() } });
}

function invitedOf(staff: readonly Person[], { people, roles }: ToBegin): readonly Person[] {
  const here = new Map(staff.map((each) => [each.id, each]));
  if (people.some((id) => !here.has(id))) throw educationFailure('PERSON_NOT_FOUND');
  const named = new Set(people);
  const all = staff.filter(({ id, roles: own }) => named.has(id) || own.some((role) => roles.includes(role)));
  if (all.length === 0 || all.length > MOST_PEOPLE)
    throw educationFailure('DRILL_INVALID', { detail: `${all.length} people would take part; 1 to ${MOST_PEOPLE} do` });
  return all;
}

const placeOf = ({ origin }: DrillNeeds, id: string): string => `${origin ?? ''}/console/drills/${id}`;

const invitation = ({ title, minutes }: Drill, { email }: Person, beginsAt: Date, place: string) => ({
  to: email,
  kind: 'education.drill',
  dedupeKey: null,
  subject: subjectLine(`[${MARK}] ${title}`),
  text: `${MARK}. This is practice. Nothing of it has happened, and nobody outside is told.\n\nYou take part in a drill: ${title}. It begins ${timeText(beginsAt)} and takes ${minutes} minutes: ${place}\n\nSay there that you are in. What happens comes piece by piece; decide together, and write down what you would do. Should something real happen meanwhile, stop and report it: the real thing goes first.\n\n${MARK}\n`,
});
