/** What ended, told as xAPI: once, and the same whatever happens later. */
import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { test } from 'node:test';

import { parsePublicId, uuidv7, type Uuid } from '#platform/ids';

import { byPerson, educationWorlds, type EducationWorld } from '../testing-gate.ts';
import { starterSources } from '../texts/starter-sources.ts';
import { statementOf, type Told } from './statements.ts';

const { world } = educationWorlds();
const by = byPerson('per_officer');
const T0 = new Date('2026-03-02T09:00:00Z');
const days = (count: number): Date => new Date(T0.getTime() + count * 86_400_000);
const uuid = (person: string): Uuid => parsePublicId('per', person) as Uuid;

type Said = Readonly<{ id: string; verb: { display: { en: string } }; timestamp: string }>;
async function saidOf(of: EducationWorld, person: string): Promise<Said[]> {
  const pieces: Buffer[] = [];
  for await (const piece of await of.one.exports.xapi(by, { person, since: null, form: 'array' })) pieces.push(piece);
  return JSON.parse(Buffer.concat(pieces).toString()) as Said[];
}
const verbs = (all: readonly Said[]): string[] => all.map(({ verb }) => verb.display.en);
const endsOf = async (of: EducationWorld, person: string): Promise<Said[]> =>
  (await saidOf(of, person)).filter(({ verb }) => verb.display.en === 'expired');

const takeBack = (of: EducationWorld, person: string, at: Date) => of.db`
  insert into education.revocations (revocation_id, person_id, kind, text_id, because, revoked_by, revoked_at)
  values (${uuidv7()}, ${uuid(person)}, 'course', 'phishing', 'why', 'per_boss', ${at})`;

test('an end is the same statement after a later revocation; one before it leaves nothing to end', async () => {
  const of = await world('ends', { courses: ['phishing'], policies: [] }, T0);
  const [ada, grace] = [of.hire(), of.hire()];
  await of.pass(ada, days(1));
  await of.pass(grace, days(1));
  await takeBack(of, grace, days(100));
  of.set(days(500));
  const before = await endsOf(of, ada);
  assert.equal(before.length, 1);
  await takeBack(of, ada, days(600));
  of.set(days(700));
  assert.deepEqual(await endsOf(of, ada), before);
  assert.deepEqual(verbs(await saidOf(of, ada)), ['passed', 'expired', 'revoked']);
  assert.deepEqual(verbs(await saidOf(of, grace)), ['passed', 'revoked']);
});

test('a later version that brings an old text back takes no end away that was told', async () => {
  const of = await world('back', { courses: ['devices'], policies: [] }, T0);
  const ada = of.hire();
  await of.pass(ada, days(1), 'devices');
  const source = starterSources().find((each) => each.kind === 'lesson' && /^id: devices$/m.test(each.source))?.source;
  assert.ok(source !== undefined);
  const publish = async (at: Date, text: string, material: boolean): Promise<void> => {
    of.set(at);
    const replaces = (await of.one.gate.library()).newest('lesson', 'devices')?.hash ?? null;
    await of.one.publish(by, { kind: 'lesson', source: text, replaces, material });
  };
  await publish(days(10), `${source}\nOne more line.\n`, true);
  of.set(days(20));
  const before = await endsOf(of, ada);
  assert.equal(before.length, 1);
  await publish(days(30), source, false);
  of.set(days(40));
  assert.deepEqual(await endsOf(of, ada), before);
});

test('what was passed in a drill ends as well, unless one like it was failed since', async () => {
  const of = await world('drilled', { courses: [], policies: [] }, T0);
  const [ada, grace] = [of.hire(), of.hire()];
  const hash = (await of.one.gate.library()).newest('drill', 'wrong-list')?.hash ?? '';
  const drilled = async (at: Date, verdicts: Readonly<Record<string, 'passed' | 'failed'>>): Promise<void> => {
    const drill_id = uuidv7();
    await of.db`
      insert into education.drills (drill_id, text_id, hash, led_by, made_at, begins_at, ends_at, actors, planted, state, ended_at, score)
      values (${drill_id}, 'wrong-list', ${hash}, 'per_boss', ${at}, ${at}, ${at}, '{}', '{}', 'scored', ${at}, '{}')`;
    for (const [person, verdict] of Object.entries(verdicts))
      await of.db`insert into education.drill_people (drill_id, person_id, joined_at, verdict) values (${drill_id}, ${uuid(person)}, ${at}, ${verdict})`;
  };
  await drilled(days(1), { [ada]: 'passed', [grace]: 'passed' });
  await drilled(days(50), { [grace]: 'failed' });
  of.set(days(400));
  assert.deepEqual(verbs(await saidOf(of, ada)), ['passed', 'expired']);
  assert.deepEqual(verbs(await saidOf(of, grace)), ['passed', 'failed']);
});

test('what is not the same statement has another id: of another installation, or of another end', () => {
  const titleOf = () => ({ title: 'x', locale: 'en' });
  const actorKey = createSecretKey(Buffer.alloc(32, 7));
  const told: Told = { what: 'expired', key: 'k', person_id: uuidv7(), kind: 'course', text_id: 'x', hash: null, at: days(1), right: null, asked: null, evidence: 'graded' }; // prettier-ignore
  const idOf = (site: string, at: Date, what: Told['what']): string =>
    statementOf({ actorKey, site, titleOf }, { ...told, what, at }).id;
  for (const what of ['passed', 'expired', 'revoked', 'voided'] as const) {
    assert.equal(idOf('https://a.example', days(1), what), idOf('https://a.example', days(1), what));
    assert.notEqual(idOf('https://a.example', days(1), what), idOf('https://b.example', days(1), what), what);
  }
  assert.notEqual(idOf('https://a.example', days(1), 'expired'), idOf('https://a.example', days(2), 'expired'));
});
