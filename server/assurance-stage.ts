/**
 * What a run works on: persons who are made up, keys for each role, a role of the database. What is made is written down
 * before it is made, so that whoever finds the run cut off can take it away.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import type { Statements } from '#platform/db';
import { publicId, recordIdText, type Uuid } from '#platform/ids';
import { assuranceFailure, dropReader, leftOvers, noteLeftOver, tookAway, type LeftOver, type RunnerKey, type Stage, type World } from '#practices/assurance'; // prettier-ignore
import type { Catalog, CollectionSpec } from '#practices/collection';
import { pageOfLiving } from '#practices/vault';

import { ownAddress } from './scan-target.ts';
import { readerRole } from './assurance-database.ts';
import { createCanaryDesk, RUN_MINUTES } from './canary-desk.ts';
import type { AssuranceParts } from './open-assurance.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const OPENAPI = fileURLToPath(new URL('../docs/openapi.json', import.meta.url));
/** Two for each test, and some to read many of. */
const MOST_CANARIES = 160;
const SPARE_CANARIES = 24;
const SOME = 500;
const MOST_CASES = 500;
/** practices/traffic/rules/own/runner-elsewhere.yml */
const ELSEWHERE = '5b0f1c9e-6a52-4a0e-9a5d-3e1c7b2f8d46';
const ACTOR = { kind: 'system', id: 'assurance' } as const;

export type Stages = Readonly<{
  set: (runId: Uuid, tests: readonly string[]) => Promise<Stage>;
  /** Takes away what runs left that did not end by themselves. */
  sweep: () => Promise<void>;
}>;

export function createStages(needs: AssuranceParts): Stages {
  const { config, db, address, log, canaries, parts } = needs;

  const takeAway = async (runId: Uuid, { keys, people, role, tried = [] }: LeftOver): Promise<void> => {
    const { access, audit, identity, vault } = parts();
    const logged = (action: string, detail: Record<string, string>) => (tx: Statements): Promise<unknown> =>
      audit.appendIn(tx, { action, actor: ACTOR, outcome: 'done', detail });
    // each by itself: one that cannot be ended leaves none of the others behind
    const faults: unknown[] = [];
    const each = (work: Promise<unknown>): Promise<unknown> => work.catch((thrown: unknown) => faults.push(thrown));
    const living = new Set((await access.listKeys()).filter(({ revokedAt }) => revokedAt === null).map(({ id }) => id));
    for (const key of keys) if (living.has(key)) await each(access.revokeKey(key, logged('access.key.revoke', { key })));
    const admin = people.length === 0 ? null : await access.systemActor('assurance', (await access.rolesThat('people.manage'))[0] ?? '');
    for (const person of new Set(people)) if (admin !== null) await each(identity.people.disable(admin, person, 'revoke', logged('access.person.disable', { person })));
    if (role !== null) await each(dropReader(db, role));
    await each(closeCases(runId, [...keys, ...people], tried));
    const left = await canaries.of(runId);
    await each(vault.canaries.shred(left).then(() => canaries.gone(left)));
    if (faults.length > 0) throw faults[0];
    await tookAway(db, runId);
  };

  /** What the run was noticed for is nobody's work: it says so itself. */
  const closeCases = async (runId: Uuid, actors: readonly string[], tried: readonly string[]): Promise<void> => {
    const { cases } = parts().traffic;
    const by = { actor: ACTOR, address: '' };
    const { cases: open } = await cases.list({ states: ['open'], most: MOST_CASES });
    const own = open.filter(({ about }) => actors.some((actor) => about.includes(actor)));
    // one test tries this very thing, with a key of its own: of any other key it is no test, and its case stays open
    const stolen = own.filter(({ about, rules }) => rules.includes(ELSEWHERE) && !tried.some((key) => about.includes(key)));
    if (stolen.length > 0) await parts().assurance.onTrouble('assurance.key', stolen.map(({ id, about }) => `${id}: ${about}`).join('; '));
    for (const each of own.filter((one) => !stolen.includes(one)))
      await cases.close(by, each.id, 'benign', `the control tests of ${publicId('run', runId)} did this`);
  };

  const set: Stages['set'] = async (runId, tests) => {
    const { access, audit, vault } = parts();
    const made: { keys: string[]; people: string[]; role: string; tried: string[] } = { keys: [], people: [], tried: [], role: `strongroom_run_${runId.replaceAll('-', '').slice(-12)}` };
    /** How many of the keys are the runner's from the beginning. */
    let given = Number.POSITIVE_INFINITY;
    const note = (): Promise<void> => noteLeftOver(db, runId, made);
    const collection = whichCollection(needs.catalog(), config.assuranceCollection);
    const { desk, plant, mendAll } = createCanaryDesk({
      parts,
      db,
      collection: collection.name,
      runId,
      planted: (subjects) => canaries.add(runId, subjects),
      made: async (what, id) => {
        made[what].push(id);
        if (what === 'keys' && made.keys.length > given) made.tried.push(id);
        await note();
      },
      standing: needs.standing,
      chaos: needs.chaos,
    });
    const close = async (): Promise<void> => {
      try {
        await mendAll();
      } finally {
        await takeAway(runId, made);
      }
    };
    try {
      await note();
      const role = await readerRole(db, address, made.role, new Date(needs.clock().getTime() + RUN_MINUTES * 60_000));
      const planted = await plant(Math.min(MOST_CANARIES, SPARE_CANARIES + 2 * tests.length));
      const keys: RunnerKey[] = [];
      const by = await access.systemActor('assurance', 'auditor');
      for (const name of by === null ? [] : access.roles(by)) keys.push(await desk.key(name));
      const keyOf = async (wanted: { role: string; minutes: number; classes?: readonly string[] }): Promise<RunnerKey> => {
        const { id, key } = await access.createCanaryKey(wanted, (tx, each) => audit.appendIn(tx, { action: 'access.key.create', actor: ACTOR, outcome: 'done', detail: { key: each, role: wanted.role } }));
        made.keys.push(id);
        await note();
        return { id, key, role: wanted.role };
      };
      const reader = keys.some((each) => each.role === 'application') ? 'application' : (keys[0]?.role ?? '');
      const specs = [...collection.fields.values()];
      const world: World = {
        run: publicId('run', runId),
        tests,
        url: ownAddress(config, needs.http()),
        ca: config.tlsCert === null ? null : await readFile(config.tlsCert, 'utf8'),
        keys,
        ended: await keyOf({ role: reader, minutes: -1 }),
        narrow: await keyOf({ role: reader, minutes: RUN_MINUTES, classes: ['internal'] }),
        collection: { name: collection.name, fields: specs.map(({ name, type, class: of, purposes }) => ({ name, type, class: of, purposes: purposes.map(({ id }) => id), needsYes: purposes.flatMap(({ id, requiresConsent }) => (requiresConsent ? [id] : [])) })) },
        purposes: [...needs.catalog().purposes.keys()],
        consentPurposes: [...needs.catalog().purposes.values()].flatMap(({ id, requiresConsent }) => (requiresConsent && specs.some(({ purposes }) => purposes.some((each) => each.id === id)) ? [id] : [])),
        canaries: planted,
        outside: await somebody(),
        logKeys: audit.verifierKey,
        database: role.url,
        databaseWhy: role.why,
        home: config.home,
        root: ROOT,
        openapi: OPENAPI,
      };
      given = made.keys.length;
      return { world, desk, close };
    } catch (thrown) {
      await close().catch((err: unknown) => log.error({ err }, 'what a run had made could not be taken away'));
      throw thrown;
    }

    /** A record of a customer, if there is one. */
    async function somebody(): Promise<string | null> {
      const page = await pageOfLiving(db, null, SOME);
      for (const subject of page.filter((each) => !canaries.isCanary(each))) {
        const [record] = await vault.recordsOf(subject, { after: null, limit: 1 });
        if (record !== undefined) return recordIdText(record);
      }
      return null;
    }
  };

  return {
    set,
    sweep: async () => {
      for (const { runId, left } of await leftOvers(db))
        await takeAway(runId, left).catch((err: unknown) => log.error({ err, run: runId }, 'what a run left could not be taken away; it is tried again'));
    },
  };
} // prettier-ignore

/** The collection that holds most of a person; or the one that the settings name. */
export function whichCollection(catalog: Catalog, named: string | null): CollectionSpec {
  const all = [...catalog.collections.values()];
  const found = named === null ? all.toSorted((a, b) => b.fields.size - a.fields.size)[0] : catalog.collections.get(named);
  if (found === undefined) throw assuranceFailure('NOT_FOUND', { detail: 'there is no collection to plant canaries in', hint: 'STRONGROOM_ASSURANCE_COLLECTION names one of the catalogue' });
  return found;
} // prettier-ignore
