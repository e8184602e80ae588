/** Phishing exercises: planned for people who work here, each at a random minute of their work, and stopped at once. */
import { randomInt } from 'node:crypto';

import { transact } from '#platform/db';
import { parsePublicId, publicId, uuidv7, type Uuid } from '#platform/ids';

import type { By } from '../by.ts';
import { educationFailure } from '../failures.ts';
import {
  exercisedBetween,
  findCampaign,
  insertCampaign,
  insertTargets,
  lockPlanning,
  settleTarget,
  stopCampaign,
  stopTargets,
} from '../store/campaigns.ts';
import type { PhishingNeeds, Staff } from './needs.ts';
import type { Templates } from './templates.ts';
import { minutesWithin, worksAt, type MinutePicker } from './working-minutes.ts';

export type CampaignToPlan = Readonly<{
  name: string;
  template: string;
  mode: 'people' | 'groups';
  from: Date;
  until: Date;
  /** Everybody who has one of these. */
  roles: readonly string[];
  /** Ids of people; never addresses. */
  people: readonly Readonly<{ id: string; zone?: string | undefined }>[];
}>;
export type Planned = Readonly<{
  id: string;
  recipients: number;
  /** How many would have been in it: not why, since one of the reasons is that somebody is a customer. */
  leftOut: number;
}>;

export const REST_DAYS = 30;
/** Results of fewer tell of single people, whatever is kept. */
export const SMALLEST_GROUP = 10;
const DAY_MS = 86_400_000;
const LONGEST_DAYS = 60;

export const personUuid = (id: string): Uuid | null => parsePublicId('per', id);
export const campaignId = (id: Uuid): string => publicId('exr', id);
export const campaignUuid = (id: string): Uuid => {
  const uuid = parsePublicId('exr', id);
  if (uuid === null) throw educationFailure('EXERCISE_NOT_FOUND');
  return uuid;
};

/**
 * @throws EDUCATION_PHISHING_OFF, EDUCATION_TEMPLATE_UNKNOWN, EDUCATION_EXERCISE_TIMES, EDUCATION_NOT_STAFF,
 * EDUCATION_NOBODY_LEFT, EDUCATION_GROUP_SMALL
 */
export async function planCampaign(needs: PhishingNeeds, { usable }: Pick<Templates, 'usable'>, by: By, wanted: CampaignToPlan): Promise<Planned> {
  const { db, clock, audit, origin, helpDesk } = needs;
  if (origin === null || helpDesk === null) throw educationFailure('PHISHING_OFF');
  const { template, source } = await usable(wanted.template);
  const now = clock();
  const { from, until } = wanted;
  if (!(until > now && until > from && until.getTime() - from.getTime() <= LONGEST_DAYS * DAY_MS))
    throw educationFailure('EXERCISE_TIMES');
  const asked = await askedFor(needs, wanted);
  const customers = new Set<string>();
  for (const { person } of asked) if (await needs.isCustomer(person.email)) customers.add(person.id);
  const id = uuidv7();
  const planned = await transact(db, async (tx): Promise<Planned | 'NOBODY_LEFT' | 'GROUP_SMALL'> => {
    await lockPlanning(tx);
    const rest = REST_DAYS * DAY_MS;
    const recent = await exercisedBetween(tx, new Date(from.getTime() - rest), new Date(until.getTime() + rest));
    const minutesIn = new Map<string, MinutePicker>();
    const rows = asked.flatMap(({ person, role, zone }) => {
      const uuid = personUuid(person.id) as Uuid;
      if (person.state !== 'active' || customers.has(person.id) || recent.has(uuid)) return [];
      const minutes = minutesIn.get(zone) ?? minutesWithin({ from: from > now ? from : now, until, works: worksAt(zone, needs.hours.spans) });
      minutesIn.set(zone, minutes);
      const due = minutes((below) => randomInt(below));
      return due === null ? [] : [{ campaign_id: id, person_id: uuid, role, zone, due_at: due }];
    });
    if (rows.length === 0) return 'NOBODY_LEFT';
    if (rows.length < SMALLEST_GROUP) return 'GROUP_SMALL';
    await insertCampaign(tx, {
      campaign_id: id, name: wanted.name, template: template.id, source, level: template.rating.level,
      mode: wanted.mode, from_at: from, until_at: until, made_by: by.actor.id, made_at: now,
    });
    await insertTargets(tx, wanted.mode === 'groups' ? foldRoles(rows) : rows);
    await needs.mail.queue(tx, headsUp({ to: helpDesk, subject: template.subject, from, until, id, count: rows.length }));
    // in the log stands how many, and nobody's name
    await audit.appendIn(tx, {
      action: 'education.phishing.plan', actor: by.actor, outcome: 'done', requestId: by.requestId,
      detail: { exercise: campaignId(id), template: template.id, level: template.rating.level, mode: wanted.mode, recipients: rows.length },
    });
    return { id: campaignId(id), recipients: rows.length, leftOut: asked.length - rows.length };
  });
  if (typeof planned === 'object') return planned;
  // whoever tries out who can get one is seen to
  await audit.append({
    action: 'education.phishing.plan', actor: by.actor, outcome: 'denied', requestId: by.requestId, detail: { because: planned },
  });
  throw educationFailure(planned);
} // prettier-ignore

/** Roles of fewer than ten, and who has none, are one; while that one is small, the smallest of the others joins it. */
export function foldRoles<Row extends Readonly<{ role: string }>>(rows: readonly Row[]): readonly Row[] {
  const bySize = [...Map.groupBy(rows, ({ role }) => role)].toSorted(([, a], [, b]) => a.length - b.length);
  const folded = new Set(bySize.flatMap(([role, own]) => (role === '' || own.length < SMALLEST_GROUP ? [role] : [])));
  const count = (): number => rows.filter(({ role }) => folded.has(role)).length;
  for (const [role] of bySize) if (folded.size > 0 && count() < SMALLEST_GROUP) folded.add(role);
  return rows.map((row) => (folded.has(row.role) ? { ...row, role: '' } : row));
}

type Asked = Readonly<{ person: Staff; role: string; zone: string }>;

/** INVARIANT: recipients are found among the people who work here, by id or role; an address typed in is nobody's id. */
async function askedFor({ staff, hours }: PhishingNeeds, { roles, people }: CampaignToPlan): Promise<readonly Asked[]> {
  const everybody = await staff();
  const found = new Map<string, Asked>();
  for (const person of everybody) {
    const role = roles.find((each) => person.roles.includes(each));
    if (role !== undefined) found.set(person.id, { person, role, zone: hours.zone });
  }
  for (const { id, zone = hours.zone } of people) {
    const person = everybody.find((each) => each.id === id);
    if (person === undefined) throw educationFailure('NOT_STAFF');
    if (!isZone(zone)) throw educationFailure('EXERCISE_TIMES');
    found.set(id, { person, role: found.get(id)?.role ?? '', zone });
  }
  return [...found.values()];
}

/** Also by the older of two names, which lists leave out. */
function isZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }) instanceof Intl.DateTimeFormat;
  } catch {
    return false;
  }
}

function headsUp({ to, subject, from, until, id, count }: Readonly<{ to: string; subject: string; from: Date; until: Date; id: Uuid; count: number }>) {
  return {
    to, kind: 'education.heads-up', dedupeKey: `education.heads-up ${id}`,
    subject: 'A phishing exercise begins: please keep it to yourselves',
    text: `From ${from.toISOString().slice(0, 10)} to ${until.toISOString().slice(0, 10)}, ${count} colleagues get a mail with the subject\n\n    ${subject.replaceAll('{{name}}', '(their name)')}\n\nIt is an exercise (${campaignId(id)}). If somebody asks you about it: thank them for asking, and have them report it as they\nwould any other mail. Please do not warn anybody, and do not tell who asked.\n\nIt can be stopped at any time: strongroom education phishing stop ${campaignId(id)}\n`,
  };
} // prettier-ignore

/** From now on nothing of it leaves: what waits in the outbox is taken back. @throws EDUCATION_EXERCISE_NOT_FOUND, EDUCATION_EXERCISE_OVER */
export async function endCampaign(needs: PhishingNeeds, by: By, id: string): Promise<{ takenBack: number }> {
  const { db, clock, mail, audit } = needs;
  const uuid = campaignUuid(id);
  return transact(db, async (tx) => {
    if ((await findCampaign(tx, uuid)) === null) throw educationFailure('EXERCISE_NOT_FOUND');
    if (!(await stopCampaign(tx, uuid, by.actor.id, clock()))) throw educationFailure('EXERCISE_OVER');
    let takenBack = 0;
    for (const row of await stopTargets(tx, uuid)) {
      // one that left before this stays as it is: the next look notes when
      if (!(await mail.withdraw(tx, row.mail_id as string))) continue;
      takenBack += 1;
      await settleTarget(tx, row, 'stopped', null);
    }
    await audit.appendIn(tx, {
      action: 'education.phishing.stop', actor: by.actor, outcome: 'done', requestId: by.requestId, detail: { exercise: id, takenBack },
    });
    return { takenBack };
  });
} // prettier-ignore
