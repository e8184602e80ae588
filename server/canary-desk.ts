/**
 * What the server does for a run of control tests: it makes up persons, and does on them what a runner's keys cannot, by the
 * same ways as for anybody. Whatever is asked for somebody else is refused.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { transact, type Db, type Statements } from '#platform/db';
import { parseRecordId, parseSubjectId, subjectIdText, type RecordId, type SubjectId, type Uuid } from '#platform/ids';
import type { Action, Actor } from '#practices/access';
import {
  assuranceFailure,
  type Canary,
  type CanaryPerson,
  type Damage,
  type Desk,
  type Standing,
} from '#practices/assurance';

import type { Outages } from './outages.ts';
import type { Parts } from './parts.ts';

export type DeskNeeds = Readonly<{
  parts: () => Pick<Parts, 'access' | 'assurance' | 'audit' | 'backups' | 'config' | 'drills' | 'education' | 'identity' | 'mail' | 'privacy' | 'retention' | 'traffic' | 'vault'>;
  db: Db;
  collection: string;
  runId: Uuid;
  /** Known at once by every part that asks who is one. */
  planted: (subjects: readonly SubjectId[]) => Promise<void>;
  /** What the run made and has to end. */
  made: (what: 'keys' | 'people', id: string) => Promise<void>;
  standing: (of: Standing) => Promise<Readonly<Record<string, unknown>>>;
  chaos: Readonly<{ stall: (ms: number) => Promise<void> } & Pick<Outages, 'fill' | 'cutMail'>>;
}>; // prettier-ignore

export const RUN_MINUTES = 150;
const LIVES_MS = RUN_MINUTES * 60_000;
/** Less than a sealed field has. */
const EVERY_BYTES = 24;
/** A life that is over while one waits. */
const SHORT_MS = 1500;
const REQUEST = 'assurance';

export type CanaryDesk = Readonly<{
  desk: Desk;
  plant: (count: number) => Promise<Canary[]>;
  /** Mends what was harmed, and says which was. */
  mendAll: () => Promise<void>;
}>;

export function createCanaryDesk(needs: DeskNeeds): CanaryDesk {
  const { parts } = needs;
  const known = new Map<string, Canary>();
  const whole = new Map<string, Buffer>();

  /** Somebody of this system who may do it by the policies that hold. */
  const whoMay = async (action: Action): Promise<Actor> => {
    const { access } = parts();
    for (const role of await access.rolesThat(action)) {
      const actor = await access.systemActor('assurance', role);
      if (actor !== null && access.decide({ actor, action }).allow) return actor;
    }
    throw assuranceFailure('NOT_FOUND', { detail: `no role may ${action}` });
  };
  const own = (canary: Canary): Canary => {
    const found = known.get(canary.subjectId);
    if (found === undefined) throw assuranceFailure('NOT_FOUND', { detail: 'not a canary of this run' });
    return found;
  };
  const subjectOf = (canary: Canary): SubjectId => parseSubjectId(own(canary).subjectId) as SubjectId;
  const recordOf = (canary: Canary): RecordId => parseRecordId(own(canary).record) as RecordId;
  const plantFor = async (count: number, livesMs: number): Promise<Canary[]> => {
    const planted = await parts().vault.canaries.plantWhole(needs.collection, count, livesMs);
    await needs.planted(planted.map(({ subjectId }) => subjectId));
    const made = planted.map(({ subjectId, record, values }) => ({ subjectId: subjectIdText(subjectId), record, values }));
    for (const each of made) known.set(each.subjectId, each);
    return made;
  };
  const logged = (action: string, detail: Record<string, string>) => (tx: Statements): Promise<unknown> =>
    parts().audit.appendIn(tx, { action, actor: { kind: 'system', id: 'assurance' }, outcome: 'done', detail });
  const key: Desk['key'] = async (role) => {
    const { access } = parts();
    const made = await access.createCanaryKey({ role, minutes: RUN_MINUTES }, (tx, id) => logged('access.key.create', { key: id, role })(tx));
    await needs.made('keys', made.id);
    return { id: made.id, key: made.key, role };
  };
  const harm = async (canary: Canary, box: Buffer): Promise<void> => {
    const { harm: put } = parts().vault.canaries;
    if (!whole.has(canary.record)) whole.set(canary.record, await put(recordOf(canary), box));
    else await put(recordOf(canary), box);
  };
  const mend = async (canary: Canary): Promise<void> => {
    const box = whole.get(canary.record);
    if (box !== undefined) await parts().vault.canaries.harm(recordOf(canary), box);
    whole.delete(canary.record);
  };
  const damage = async (canary: Canary, how: Damage): Promise<void> => {
    const { boxOf } = parts().vault.canaries;
    if (how === 'mend') return mend(canary);
    const box = await boxOf(recordOf(canary));
    if (how === 'flip') {
      const changed = Buffer.from(box);
      // in each field, also one that the reader does not ask for
      for (let at = EVERY_BYTES; at < changed.length; at += EVERY_BYTES) changed[at] = (changed[at] ?? 0) ^ 1;
      return harm(canary, changed);
    }
    const all = [...known.values()];
    const other = all[(all.findIndex(({ record }) => record === canary.record) + 1) % all.length] as Canary;
    return harm(canary, await boxOf(recordOf(other)));
  };

  return {
    plant: (count) => plantFor(count, LIVES_MS),
    mendAll: async () => {
      for (const record of whole.keys()) {
        const canary = [...known.values()].find((each) => each.record === record);
        if (canary !== undefined) await mend(canary);
      }
    },
    desk: {
      erase: async (canary) => {
        const actor = await whoMay('subjects.erase');
        return (await parts().vault.erase({ actor, requestId: REQUEST }, subjectOf(canary))).auditIndex;
      },
      restrict: async (canary, state) => {
        const actor = await whoMay('subjects.restrict');
        await parts().vault.restrict({ actor, requestId: REQUEST }, subjectOf(canary), state === 'on' ? 'objection' : null);
      },
      consent: async (canary, purpose, state) => {
        const actor = await whoMay('consents.record');
        await parts().privacy.consents.record({ actor, requestId: REQUEST }, { kind: 'subject', id: subjectOf(canary) }, { said: [{ purpose, said: state }], shown: { text: state === 'given' ? 'A control test says yes for somebody made up.' : null, language: state === 'given' ? 'en' : null, variant: null, method: 'control test', notice: null, jurisdiction: null, evidence: null } });
      },
      expire: async () => {
        const [canary] = await plantFor(1, SHORT_MS);
        if (canary === undefined) throw assuranceFailure('NOT_FOUND', { detail: 'no canary could be planted' });
        await sleep(SHORT_MS + 500);
        await parts().vault.sweep();
        return canary;
      },
      put: async (fields) => {
        const actor = await whoMay('records.write');
        const { outcomes } = await parts().vault.put({ actor, requestId: REQUEST }, { collection: needs.collection, items: [{ fields, expiresAt: new Date(Date.now() + LIVES_MS).toISOString() }], onDuplicate: 'reject' });
        const [outcome] = outcomes;
        if (outcome === undefined) throw assuranceFailure('NOT_FOUND');
        if (outcome.status === 'created') await needs.planted([outcome.subjectId]);
        return { status: outcome.status, code: outcome.status === 'rejected' ? outcome.failure.code : null };
      },
      stall: needs.chaos.stall,
      fill: (ms) => Promise.resolve(needs.chaos.fill(ms)),
      mailTo: async (ms) => {
        needs.chaos.cutMail(ms);
        const { mail } = parts();
        const wanted = { to: `assurance-mail-${randomBytes(6).toString('hex')}@canary.invalid`, subject: 'A control test', text: 'Nobody reads this.', kind: 'assurance.canary', dedupeKey: null, priority: 'urgent' } as const;
        return (await transact(needs.db, (tx) => mail.queue(tx, wanted))).id;
      },
      mailOf: async (id) => {
        const { mail } = parts();
        const [status, found] = [await mail.status(), await mail.get(id)];
        return { way: status.way, state: found.state, attempts: found.attempts, told: status.way === 'held' ? 'held' : status.problem };
      },
      takeBackMail: (id) => transact(needs.db, (tx) => parts().mail.withdraw(tx, id)),
      rowsLeft: (canary, of) => {
        const { rowsLeft, boxOf } = parts().vault.canaries;
        return of === 'person' ? rowsLeft(subjectOf(canary)) : boxOf(recordOf(canary)).then(() => 1, () => 0);
      },
      honey: async (canary) => {
        const actor = await whoMay('honey.manage');
        await parts().traffic.honey.plant({ actor: { kind: 'system', id: actor.id, role: actor.role }, requestId: REQUEST, address: '127.0.0.1' }, { subjectId: own(canary).subjectId, note: 'a canary of a run of control tests' });
      },
      person: (role) => person(needs, role, whoMay),
      revoke: (id) => parts().access.revokeKey(id, logged('access.key.revoke', { key: id })),
      key,
      damage,
      standing: needs.standing,
    },
  };
} // prettier-ignore

/** One for each role, who is invited anew for each run: the link is used over HTTP, as anybody's is. */
async function person(needs: DeskNeeds, role: string, whoMay: (action: Action) => Promise<Actor>): Promise<CanaryPerson> {
  const { identity, audit } = needs.parts();
  const email = `assurance-${role}@canary.invalid`;
  const by = await whoMay('people.manage');
  const log = (action: string) => (tx: Statements, id: string): Promise<unknown> =>
    audit.appendIn(tx, { action, actor: { kind: 'system', id: 'assurance' }, outcome: 'done', detail: { person: id } });
  const before = (await identity.people.list()).find((each) => each.email === email);
  if (before === undefined) {
    const { id, token } = await identity.people.invite(by, { email, name: `Canary ${role}`, roles: [role], canariesOnly: true }, log('access.person.invite'));
    await needs.made('people', id);
    return { id, email, link: token, password: randomBytes(18).toString('base64url') };
  }
  // an address that somebody took for a person of theirs is not handed to a runner
  if (!before.canariesOnly || before.roles.join() !== role) throw assuranceFailure('NOT_FOUND', { detail: `${email} is somebody else's by now` });
  await needs.made('people', before.id);
  await identity.people.enable(by, before.id, log('access.person.enable'));
  const { token } = await identity.people.reinvite(by, before.id, 'all', log('access.person.link'));
  return { id: before.id, email, link: token, password: randomBytes(18).toString('base64url') };
} // prettier-ignore
