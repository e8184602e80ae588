/** What goes wrong with runs themselves: two at once, a switch, an incident, a killed server, a runner that lies. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { createLog } from '#platform/log';
import { publicId, uuidv7 } from '#platform/ids';
import { CONTROL_TESTS, createRuns, findRun, leftOvers, noteLeftOver, resultsOf, runnerProcess, setSwitch, type Runs, type World } from '#practices/assurance'; // prettier-ignore

import { entriesOf, twoSystems, type TwoSystems } from './testing.ts';

const BY = { actor: { kind: 'system', id: 'test' } } as const;
const QUICK = ['NET-04', 'PRIVACY-04'];

let two: TwoSystems;
before(async () => {
  two = await twoSystems({ STRONGROOM_ASSURANCE_ARMED: 'always' });
});
after(() => two.close());

const codeOf = (thrown: unknown): string => String((thrown as { code?: unknown }).code);
const refusedBegin = async (runs: Runs, tests: readonly string[]): Promise<string> =>
  runs.begin(BY, tests).then(
    () => 'begun',
    (thrown: unknown) => codeOf(thrown),
  );

test('of two servers that begin at once one runs, and what it made is gone afterwards', async () => {
  const [first, second] = two.systems;
  const outcomes = await Promise.allSettled([first, second].map(({ assurance }) => assurance.begin(BY, QUICK)));
  const begun = outcomes.filter(({ status }) => status === 'fulfilled');
  assert.equal(begun.length, 1);
  assert.equal(
    codeOf(outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []))[0]),
    'ASSURANCE_RUN_GOING',
  );
  await Promise.all([first.assurance.settled(), second.assurance.settled()]);

  const keys = (await first.access.listKeys()).filter(({ canariesOnly }) => canariesOnly);
  assert.ok(keys.length > 5 && keys.every(({ revokedAt }) => revokedAt !== null), 'all keys of the run are revoked');
  // of this run: roles are the whole server's, and another test may have a run of its own
  const run = String((begun[0] as PromiseFulfilledResult<string>).value);
  const roles = await two.fresh.db`select 1 from pg_roles where rolname like ${`strongroom_run_%${run.slice(-8)}%`}`;
  assert.equal(roles.length, 0);
  const canaries = await two.fresh.db<{ n: number }[]>`select count(*)::int as n from vault.keyrings`;
  assert.equal(canaries[0]?.n, 0, 'no canary is left');
  assert.deepEqual(await leftOvers(two.fresh.db), []);
});

test('attacks need two people where somebody works with the system', async () => {
  assert.equal(await refusedBegin(two.systems[0].assurance, ['AUTHN-01']), 'ASSURANCE_NOT_ARMED');
  assert.equal(await refusedBegin(two.systems[0].assurance, ['AUTHN-99']), 'ASSURANCE_TEST_UNKNOWN');
});

test('nothing runs while the switch is pulled, and a run that goes on ends after the test it is at', async () => {
  const { assurance, db } = two.systems[1];
  const pull = (pulled: boolean) => setSwitch(db, { pulled, by: 'test', reason: 'a test', at: new Date() });
  const run = await assurance.begin(BY, []);
  await pull(true);
  await assurance.settled();
  const row = await findRun(db, run);
  assert.equal(row?.state, 'stopped', row?.because);
  assert.ok((await resultsOf(db, run)).length < CONTROL_TESTS.length);
  assert.equal(await refusedBegin(assurance, QUICK), 'ASSURANCE_STOPPED');
  await pull(false);
});

test('nothing runs while an incident is open', async () => {
  const { assurance, incidents, db } = two.systems[0];
  const by = {
    actor: { kind: 'staff', id: 'per_test', role: 'security' },
    person: 'per_test',
    requestId: 'r',
  } as never;
  await incidents.report(by, { kind: 'export-leaked', what: 'a test', happenedAt: new Date().toISOString() } as never);
  await db`update education.incidents set severity = 'high'`;
  assert.equal(await refusedBegin(assurance, QUICK), 'ASSURANCE_INCIDENT_OPEN');
  await db`update education.incidents set phase = 'closed'`;
});

test('a key of a run that is used on customers is a finding, and its case is not closed with the others', async () => {
  const { assurance, access, db } = two.systems[1];
  const living = async (): Promise<string[]> => (await access.listKeys()).flatMap(({ id, canariesOnly, revokedAt }) => (canariesOnly && revokedAt === null ? [id] : []));
  const run = await assurance.begin(BY, QUICK);
  let [stolen, noisy] = await living();
  for (; noisy === undefined; await sleep(20)) [stolen, noisy] = await living();
  const rows = [[stolen, '5b0f1c9e-6a52-4a0e-9a5d-3e1c7b2f8d46'], [noisy, 'aaa405fb-74b0-45e7-b658-c586c29de4f2']] as const;
  for (const [key, rule] of rows)
    await db`insert into traffic.cases (case_id, about, title, severity, state, entity, attack, rules, alerts, customers, opened_at, last_at) values (${uuidv7()}, ${`key ${key ?? ''}`}, 'a case', 4, 'open', '{}', '{}', ${[rule]}::text[], 1, 0, now(), now())`;
  await assurance.settled();

  assert.equal((await findRun(db, run))?.state, 'done');
  const states = await Promise.all(rows.map(([key]) => db<{ state: string }[]>`select state from traffic.cases where about = ${`key ${key ?? ''}`}`));
  assert.deepEqual(states.map(([row]) => row?.state), ['open', 'closed']);
  const { findings } = await assurance.findings.list({ most: 50 });
  assert.ok(findings.some(({ rule, severity }) => rule === 'assurance.key' && severity === 'critical'));
}); // prettier-ignore

test('what a killed server left is taken away by another', async () => {
  const { assurance, access, audit, db } = two.systems[0];
  const runId = uuidv7();
  const { id: key } = await access.createCanaryKey({ role: 'support', minutes: 60 }, (tx, id) => audit.appendIn(tx, { action: 'access.key.create', actor: BY.actor, outcome: 'done', detail: { key: id } })); // prettier-ignore
  await db`insert into assurance.runs (run_id, asked_by, tests, state, started_at, beat_at, version, ord) values (${runId}, 'assurance', '{}', 'running', now() - interval '1 hour', now() - interval '5 minutes', 't', 1000)`;
  await db`create role strongroom_run_0123456789ab login`;
  await noteLeftOver(db, runId, { keys: [key], people: [], role: 'strongroom_run_0123456789ab', tried: [key] });
  // a test of the run tried what only thieves do
  await db`insert into traffic.cases (case_id, about, title, severity, state, entity, attack, rules, alerts, customers, opened_at, last_at) values (${uuidv7()}, ${`key ${key}`}, 'a case', 4, 'open', '{}', '{}', array['5b0f1c9e-6a52-4a0e-9a5d-3e1c7b2f8d46'], 1, 0, now(), now())`;

  await assurance.tick();

  assert.equal((await findRun(db, runId))?.state, 'failed');
  const [found] = await db<{ state: string }[]>`select state from traffic.cases where about = ${`key ${key}`}`;
  assert.equal(found?.state, 'closed');
  assert.notEqual((await access.listKeys()).find(({ id }) => id === key)?.revokedAt, null);
  assert.equal((await db`select 1 from pg_roles where rolname = 'strongroom_run_0123456789ab'`).length, 0);
});

test('that a run’s server was killed is in the log, once, and somebody looks', async () => {
  const { audit, db } = two.systems[0];
  const runId = uuidv7();
  await db`insert into assurance.runs (run_id, asked_by, tests, state, started_at, beat_at, version, ord) values (${runId}, 'assurance', '{}', 'running', now() - interval '1 hour', now() - interval '5 minutes', 't', 1001)`;
  const [one, other] = [lying(''), lying('')];
  const before = await audit.size();

  await Promise.all([one.runs.tick(), other.runs.tick()]);

  const entries = await audit.read(before, await audit.size());
  const ends = entries.flatMap(({ index, bytes }) => {
    const { action, detail } = JSON.parse(bytes.toString('utf8')) as {
      action: string;
      detail?: { run?: string; state?: string };
    };
    return action === 'assurance.run.end' && detail?.run === publicId('run', runId)
      ? [[BigInt(index), detail.state]]
      : [];
  });
  assert.deepEqual(ends, [[BigInt((await findRun(db, runId))?.end_index ?? -1), 'failed']]);
  assert.deepEqual([...one.troubles, ...other.troubles], ['assurance.run']);
});

/** A runner of somebody else's making, that says these lines when it is told its world. */
function lying(script: string, isArmed = true): { runs: Runs; troubles: string[]; counted: number[] } {
  const { db, audit } = two.systems[0];
  const troubles: string[] = [];
  const counted: number[] = [];
  const runs = createRuns({
    db, audit, clock: () => new Date(), log: createLog('silent'), version: 't', everyHours: 0, isArmed,
    isIncidentOpen: () => Promise.resolve(false),
    setStage: (runId) => Promise.resolve({ world: { run: publicId('run', runId) } as unknown as World, desk: {} as never, close: () => Promise.resolve() }),
    sweepStage: () => Promise.resolve(),
    startRunner: () => runnerProcess(spawn(process.execPath, ['--input-type=module', '-e', RUNNER(script)], { stdio: ['pipe', 'pipe', 'inherit'] })),
    personalIn: (text) => (text.includes('anna@example.org') ? 'email' : null),
    onResults: (_run, results) => Promise.resolve(void counted.push(results.length)),
    onTrouble: (rule) => Promise.resolve(void troubles.push(rule)),
  }); // prettier-ignore
  return { runs, troubles, counted };
}
const RUNNER = (script: string): string => `
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { createInterface } from 'node:readline';
const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const say = (line) => process.stdout.write(JSON.stringify(line) + '\\n');
say({ key: publicKey.export({ format: 'der', type: 'spki' }).toString('base64') });
const lines = createInterface({ input: process.stdin });
for await (const line of lines) {
  const run = JSON.parse(line).world.run;
  const result = (testId, bytes = '{}', more = {}) => ({ run, testId, at: new Date().toISOString(), verdict: 'pass', prevented: 'yes', detected: 'not-asked', recorded: 'not-asked', because: '', durationMs: 1, requests: 1,
    evidence: [{ hash: createHash('sha256').update(bytes).digest('hex'), kind: 'transcript', sizeBytes: bytes.length, bytes }], ...more });
  const signed = (results) => sign(null, Buffer.from(JSON.stringify({ schema: 'strongroom/assurance-results/1', run, results: results.map(({ evidence, ...rest }) => ({ ...rest, evidence: evidence.map(({ hash }) => hash) })) })), privateKey).toString('base64');
  ${script}
  break;
}
`; // prettier-ignore

for (const [what, script, state, counts] of [
  ['a result that was changed after it was signed', `const r = result('NET-04'); say({ result: { ...r, verdict: 'pass', because: 'changed' } }); say({ done: true, signature: signed([r]) });`, 'refused', 0],
  ['a signature by another key', `const r = result('NET-04'); say({ result: r }); say({ done: true, signature: sign(null, Buffer.from('x'), generateKeyPairSync('ed25519').privateKey).toString('base64') });`, 'refused', 0],
  ['a runner that leaves a test out', `const r = result('NET-04'); say({ result: r }); say({ done: true, signature: signed([r]) });`, 'refused', 0],
  ['evidence that is not what its hash says', `const r = result('NET-04'); say({ result: { ...r, evidence: [{ ...r.evidence[0], bytes: '{"x":1}' }] } });`, 'failed', 0],
  ['a test that nobody ordered', `say({ result: result('AUTHN-01') });`, 'failed', 0],
  ['a result that was left out of what was signed', `say({ result: result('NET-04') }); say({ done: true, signature: signed([]) });`, 'refused', 0],
  ['a result of a test that there is not', `say({ result: result('NET-99') });`, 'failed', 0],
  ['one test told twice', `say({ result: result('NET-04') }); say({ result: result('NET-04') });`, 'failed', 0],
  ['a runner that dies', `process.exit(3);`, 'failed', 0],
] as const)
  test(`${what} counts for nothing`, async () => {
    const { runs, troubles, counted } = lying(script);
    const run = await runs.begin(BY, ['NET-04', 'PRIVACY-04']);
    await runs.settled();
    assert.equal((await findRun(two.systems[0].db, run))?.state, state);
    assert.equal(counted.length, counts);
    assert.deepEqual(troubles, ['assurance.run']);
  }); // prettier-ignore

test('evidence with a person’s address in it is refused, and nothing of it is kept', async () => {
  const { runs, troubles } = lying(`const r = result('NET-04', '{"seen":"anna@example.org"}'); say({ result: r }); say({ done: true, signature: signed([r]) });`);
  const run = await runs.begin(BY, ['NET-04']);
  await runs.settled();
  const { db } = two.systems[0];
  const [result] = await resultsOf(db, run);
  assert.deepEqual([result?.verdict, result?.evidence], ['invalid', []]);
  assert.deepEqual(troubles, ['assurance.evidence']);
  const ends = (await entriesOf(two.systems[0])).flatMap(({ action, detail }) => (action === 'assurance.run.end' ? [detail as { run: string; pass: number; invalid: number }] : []));
  assert.deepEqual(ends.filter((each) => each.run === publicId('run', run)).map(({ pass, invalid }) => [pass, invalid]), [[0, 1]], 'the log says of it what was kept');
  const kept = await db`select 1 from assurance.evidence where convert_from(bytes, 'UTF8') like '%anna@%'`;
  assert.equal(kept.length, 0);
}); // prettier-ignore

/** At its first test until it is told to stop, or gives up waiting for it. */
const UNTIL_TOLD = (testId: string): string => `
    const r = result('${testId}'); say({ result: r });
    await new Promise((resolve) => { lines.on('line', (told) => JSON.parse(told).stop && resolve()); setTimeout(resolve, 15_000); });
    say({ done: true, signature: signed([r]) });`;

test('a run that attacks is stopped when somebody ends the arms, whichever server it is at', async () => {
  const { db } = two.systems[0];
  const arm = uuidv7();
  await db`
    insert into assurance.arms (arm_id, kinds, reason, until, proposed_by, proposed_at, approved_by, approved_at)
    values (${arm}, '{attack}', 'a test', now() + interval '1 day', 'one', now(), 'other', now())`;
  const { runs, troubles } = lying(UNTIL_TOLD('AUTHN-01'), false);
  const run = await runs.begin(BY, ['AUTHN-01', 'AUTHN-02']);
  await db`update assurance.arms set ended_at = now(), ended_by = 'one' where arm_id = ${arm}`;
  await runs.settled();

  const row = await findRun(db, run);
  assert.deepEqual([row?.state, row?.because], ['stopped', 'what it does is not armed any more']);
  assert.deepEqual(troubles, []);
}); // prettier-ignore

test('a switch that was pulled stops a run and a scan at another server, also when it is released before that one looks', async () => {
  const { arms } = two.systems[0].assurance;
  const by = { actor: { kind: 'staff', id: 'per_test', role: 'security' }, person: 'per_test', requestId: 'r' } as const;
  const { runs } = lying(UNTIL_TOLD('NET-04'));
  const { db } = two.systems[0];
  const run = await runs.begin(BY, QUICK);
  const scan = uuidv7();
  await db`insert into assurance.scans (scan_id, scanner, state, asked_by, started_at, beat_at) values (${scan}, 'nmap', 'running', 'per_test', now(), now())`;
  await arms.pull(by, true, 'a test');
  await arms.pull(by, false, '');
  await runs.settled();

  const row = await findRun(db, run);
  assert.deepEqual([row?.state, row?.because], ['stopped', 'somebody pulled the switch']);
  const [asked] = await db`delete from assurance.scans where scan_id = ${scan} returning stop_asked`;
  assert.equal(asked?.stop_asked, 'per_test');
}); // prettier-ignore
