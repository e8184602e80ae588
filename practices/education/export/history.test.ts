/** History as xAPI: whole, the same each time, of nobody by name, and bounded in memory. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { parsePublicId, uuidv7, type Uuid } from '#platform/ids';

import { byPerson, educationWorlds, type EducationWorld } from '../testing-gate.ts';
import type { HistoryToExport } from './history.ts';

const { world } = educationWorlds();
const by = byPerson('per_officer');
const T0 = new Date('2026-03-02T09:00:00Z');
const days = (count: number): Date => new Date(T0.getTime() + count * 86_400_000);
const uuid = (person: string): Uuid => parsePublicId('per', person) as Uuid;

type Said = Readonly<{
  id: string;
  actor: { objectType: string; account: { homePage: string; name: string } };
  verb: { id: string; display: { en: string } };
  object: { objectType: string; id: string; definition?: { name: Record<string, string>; type: string } };
  result?: { success: boolean; score?: object; extensions?: object };
  context?: { platform: string; revision?: string };
  timestamp: string;
}>;
async function textOf(of: EducationWorld, wanted: Partial<HistoryToExport> = {}): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of await of.one.exports.xapi(by, { person: null, since: null, form: 'array', ...wanted }))
    pieces.push(piece);
  return Buffer.concat(pieces).toString();
}
const saidOf = async (of: EducationWorld, wanted: Partial<HistoryToExport> = {}): Promise<Said[]> =>
  JSON.parse(await textOf(of, wanted)) as Said[];
const verbs = (all: readonly Said[]): string[] => all.map(({ verb }) => verb.display.en);

/** One of everything: asked, begun, failed, begun, passed, signed, taken back, given back, ended. */
async function lived(role: string): Promise<Readonly<{ of: EducationWorld; ada: string }>> {
  const of = await world(role, { courses: ['phishing'], policies: [] }, T0);
  const ada = of.hire();
  await of.one.manage.assign(by, [ada], { kind: 'course', id: 'phishing' });
  const person_id = uuid(ada);
  const lesson = (await of.one.gate.library()).newest('lesson', 'phishing')?.hash ?? '';
  const policy = (await of.one.gate.library()).newest('policy', 'access')?.hash ?? '';
  const sat = async (at: Date, verdict: 'passed' | 'failed', answered: boolean[]): Promise<Uuid> => {
    const sitting_id = uuidv7();
    await of.db`
      insert into education.sittings (sitting_id, person_id, course, lesson_hash, quiz, quiz_hash, seed, seen, asked, began_at, ends_at, verdict, graded_at, answered)
      values (${sitting_id}, ${person_id}, 'phishing', ${lesson}, 'phishing', 'h', 'seed', '{}', '{a}', ${at}, ${days(400)}, ${verdict}, ${at}, ${answered.map(String)}::text[]::boolean[])`;
    return sitting_id;
  };
  await sat(days(1), 'failed', [true, false, false, false, false]);
  const sitting_id = await sat(days(2), 'passed', [true, true, true, true, false]);
  await of.db`insert into education.passes (pass_id, person_id, course, lesson_hash, sitting_id, passed_at) values (${uuidv7()}, ${person_id}, 'phishing', ${lesson}, ${sitting_id}, ${days(2)})`;
  await of.db`
    insert into education.course_runs (run_id, person_id, course, hash, token, console, began_at, ends_at, state, ended_at)
    values (${uuidv7()}, ${person_id}, 'bought', 'h', ${uuidv7()}, 'x', ${days(3)}, ${days(4)}, 'failed', ${days(3)})`;
  await of.db`
    insert into education.acknowledgements (ack_id, person_id, policy, seq, hash, locale, session_id, entry, signed_at)
    values (${uuidv7()}, ${person_id}, 'access', 1, ${policy}, 'en', 's', 1, ${days(4)})`;
  const taken = async (text: string, at: Date): Promise<Uuid> => {
    const id = uuidv7();
    await of.db`insert into education.revocations (revocation_id, person_id, kind, text_id, because, revoked_by, revoked_at) values (${id}, ${person_id}, 'course', ${text}, 'a secret reason', 'per_boss', ${at})`;
    return id;
  };
  await taken('devices', days(5));
  const lifted = await taken('passwords', days(6));
  await of.db`insert into education.revocations_lifted (revocation_id, lifted_at, lifted_by) values (${lifted}, ${days(7)}, 'per_boss')`;
  of.set(days(400));
  return { of, ada };
} // prettier-ignore

test('everything that somebody did is told in its order, as xAPI has it, and what ended since is told as ended', async () => {
  const { of } = await lived('lived');
  const all = await saidOf(of);
  assert.deepEqual(verbs(all), ['registered', 'launched', 'failed', 'launched', 'passed', 'launched', 'failed', 'acknowledged', 'revoked', 'voided', 'expired']); // prettier-ignore
  for (const each of all) {
    assert.match(each.id, /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    assert.deepEqual(Object.keys(each.actor), ['objectType', 'account']);
    assert.deepEqual([each.actor.objectType, each.actor.account.homePage], ['Agent', 'https://strongroom.example']);
    assert.ok(URL.canParse(each.verb.id) && URL.canParse(each.object.id) !== (each.verb.display.en === 'voided'));
    assert.ok(!Number.isNaN(Date.parse(each.timestamp)));
    // LRS: no nulls, wherever (Data §2.2)
    assert.doesNotMatch(JSON.stringify(each), /null|undefined/);
  }
  const [passed] = all.filter(({ verb }) => verb.display.en === 'passed');
  assert.deepEqual(passed?.result, { success: true, score: { scaled: 0.8, raw: 4, min: 0, max: 5 } });
  assert.equal(passed?.object.id, 'https://strongroom.example/education/courses/phishing');
  assert.deepEqual(passed?.object.definition, { name: { en: 'Mail that wants something from you' }, type: 'http://adlnet.gov/expapi/activities/course' }); // prettier-ignore
  const bought = all.find(({ object, result }) => object.id.endsWith('/bought') && result !== undefined);
  assert.deepEqual(bought?.result, { success: false, extensions: { 'https://strongroom.example/education/xapi/evidence': 'client' } }); // prettier-ignore
  const voided = all.find(({ verb }) => verb.display.en === 'voided');
  assert.equal(voided?.object.objectType, 'StatementRef');
  assert.ok(!all.some(({ id }) => id === voided?.object.id), 'what was taken back again is not told as taken back');
  assert.notEqual(voided?.actor.account.name, all[0]?.actor.account.name, 'nobody takes it back themselves');
  assert.deepEqual(new Set(all.filter((each) => each !== voided).map(({ actor }) => actor.account.name)).size, 1);
});

test('a second export says the very same: one that has it doubles nothing', async () => {
  const { of } = await lived('twice-told');
  assert.equal(await textOf(of), await textOf(of));
  const lines = (await textOf(of, { form: 'lines' })).trimEnd().split('\n');
  assert.deepEqual(lines.map((line) => (JSON.parse(line) as Said).id), (await saidOf(of)).map(({ id }) => id)); // prettier-ignore
  assert.equal(new Set(lines.map((line) => (JSON.parse(line) as Said).id)).size, lines.length);
  const since = await saidOf(of, { since: days(4) });
  assert.deepEqual(verbs(since), ['acknowledged', 'revoked', 'voided', 'expired']);
  const before = await saidOf(of);
  assert.ok(since.every(({ id }) => before.some((each) => each.id === id)));
});

test('no name, address, id, number of a certificate or reason is in it, and one person is told alone', async () => {
  const { of, ada } = await lived('nameless');
  const other = of.hire();
  await of.one.manage.assign(by, [other], { kind: 'course', id: 'phishing' });
  const text = await textOf(of);
  const certificates = await of.one.certificates.list(ada);
  const papers = certificates.flatMap(({ id }) => [id, parsePublicId('crt', id) ?? '']);
  assert.ok(certificates.length > 0);
  for (const never of ['Ada', '@', 'mailto', ada, uuid(ada), 'secret', 'per_', ...papers]) assert.ok(!text.includes(never), never); // prettier-ignore
  const alone = await saidOf(of, { person: other });
  assert.deepEqual(verbs(alone), ['registered']);
  assert.notEqual(alone[0]?.actor.account.name, (await saidOf(of, { person: ada }))[0]?.actor.account.name);
  await assert.rejects(of.one.exports.xapi(by, { person: 'per_00000000000000000000000000', since: null, form: 'array' }), { code: 'EDUCATION_PERSON_NOT_FOUND' }); // prettier-ignore
});

test('what was passed anew in time never ended', async () => {
  const of = await world('renewed', { courses: ['phishing'], policies: [] }, T0);
  const ada = of.hire();
  await of.pass(ada, days(1));
  await of.pass(ada, days(300));
  of.set(days(500));
  assert.deepEqual(verbs(await saidOf(of)), ['passed', 'passed']);
  of.set(days(700));
  const [, , ended] = await saidOf(of);
  assert.equal(ended?.verb.display.en, 'expired');
  assert.ok(Date.parse(ended?.timestamp ?? '') > days(600).getTime());
});

test('it is in the log, without anybody in it but who was asked for, before the first statement goes; without the log nothing goes', async () => {
  const { of, ada } = await lived('logged');
  const before = of.entries.length;
  const stream = await of.one.exports.xapi(by, { person: ada, since: days(1), form: 'lines' });
  const entry = of.entries[before];
  assert.deepEqual([entry?.action, entry?.outcome, entry?.detail], ['education.history.export', 'done', { as: 'xapi', form: 'lines', of: ada, people: 1, since: days(1).toISOString() }]); // prettier-ignore
  await stream.return(undefined);
  const failing = of.entries;
  failing.push = () => {
    throw new Error('the log is not there');
  };
  await assert.rejects(async () => of.one.exports.xapi(by, { person: null, since: null, form: 'array' }), /not there/);
});

test('with many people and many rows, no more is held than a few people have', async () => {
  const of = await world('crowded', { courses: [], policies: [] }, T0);
  const people = Array.from({ length: 1500 }, () => of.hire());
  await of.db`
    insert into education.sittings (sitting_id, person_id, course, lesson_hash, quiz, quiz_hash, seed, seen, asked, began_at, ends_at, verdict, graded_at, answered)
    select gen_random_uuid(), p, 'phishing', 'h', 'phishing', 'h', 'seed', '{}', '{a}', ${T0}::timestamptz + n * interval '1 hour', ${days(90)}, 'failed', ${T0}::timestamptz + n * interval '1 hour', '{t,f}'
    from unnest(${people.map(uuid)}::uuid[]) p, generate_series(1, 30) n`; // prettier-ignore
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const began = process.memoryUsage().heapUsed;
  let [most, bytes, count, largest, pieces] = [0, 0, 0, 0, 0];
  for await (const piece of await of.one.exports.xapi(by, { person: null, since: null, form: 'lines' })) {
    bytes += piece.length;
    pieces += 1;
    largest = Math.max(largest, piece.length);
    for (const byte of piece) if (byte === 10) count += 1;
    if (pieces % 40 !== 0) continue;
    collect();
    most = Math.max(most, process.memoryUsage().heapUsed - began);
  }
  assert.equal(count, 1500 * 30 * 2);
  assert.ok(largest < 80_000, `${largest} bytes at once`);
  assert.ok(bytes > 30 * 2 ** 20, `${bytes}`);
  assert.ok(most < bytes / 4, `${most} bytes held of ${bytes}`);
});
