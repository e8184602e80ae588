/**
 * Runs control tests one after the other against a system, each with its own budget, and says of each what was seen.
 *
 * A test proves nothing of a system that is not there, is another one, or goes by another clock: a heartbeat before and after
 * says that it is there, and who the server saw is compared with who was sent.
 */
import { openDb, type Db } from '#platform/db';

import { CannotTell, type ControlTest } from '../kit/control-test.ts';
import type { Desk } from '../kit/desk.ts';
import { createKit, type Seen } from '../kit/kit.ts';
import { openLogBook } from '../kit/log-book.ts';
import { createWire, type Wire } from '../kit/wire.ts';
import type { Canary, World } from '../kit/world.ts';
import type { Result } from '../types.ts';
import { evidenceOf, type KeptEvidence } from './evidence.ts';
import { judgeSeen } from './judge.ts';

export type TestResult = Omit<Result, 'at' | 'evidence'> & Readonly<{ at: string; evidence: readonly KeptEvidence[] }>;
export type RunNeeds = Readonly<{
  world: World;
  desk: Desk;
  tests: readonly ControlTest[];
  version: string;
  clock: () => Date;
  onBegin: (testId: string) => void;
  onResult: (result: TestResult) => void;
  /** Asked before each test: somebody pulled the switch, or an incident is open. */
  isStopped: () => boolean;
}>;

const CANARIES_EACH = 2;
const MOST_SKEW_MS = 10_000;

export async function runTests(needs: RunNeeds): Promise<void> {
  const { world, tests, isStopped } = needs;
  const db = world.database === null ? null : openDb(world.database, { connections: 2, applicationName: 'strongroom-assurance' }); // prettier-ignore
  try {
    for (const [at, test] of tests.entries()) {
      if (isStopped()) return;
      needs.onBegin(test.id);
      const from = (at * CANARIES_EACH) % Math.max(1, world.canaries.length);
      needs.onResult(await runOne(needs, test, db, world.canaries.slice(from, from + CANARIES_EACH)));
    }
  } finally {
    await db?.end({ timeout: 2 });
  }
}

async function runOne(
  { world, desk, version, clock }: RunNeeds,
  test: ControlTest,
  db: Db | null,
  canaries: readonly Canary[],
): Promise<TestResult> {
  const begun = performance.now();
  const seen: Seen[] = [];
  const heartbeats: string[] = [];
  // what the kit itself asks is not the test's
  const own = createWire(world, 1000);
  const wire = createWire(world, test.budget.requests);
  const sql = (): Db => {
    if (db === null) throw new CannotTell(world.databaseWhy);
    return db;
  };
  let broke: string | null = null;
  try {
    await within(test.budget.seconds, async () => {
      heartbeats.push(await heartbeat(world, own, clock));
      const auditor = world.keys.find(({ role }) => role === 'auditor');
      if (auditor === undefined) throw new CannotTell('the policies have no role auditor: nobody can read the log');
      const log = await openLogBook(own.client('auditor', auditor.key), world.logKeys);
      const beat = (clockNow: () => Date): Promise<string> => heartbeat(world, own, clockNow);
      await test.run(createKit({ world, desk, wire, log, canaries, sql, beat, saw: (each) => void seen.push(each) }));
      heartbeats.push(await heartbeat(world, own, clock));
    });
  } catch (thrown) {
    // what fails here is the test or the way to the system; a value of a canary may stand in a foreign message
    broke = thrown instanceof CannotTell ? thrown.message : `it broke off: ${nameOf(thrown)}`;
  }
  const judged = judgeSeen(test, seen, broke);
  return {
    run: world.run,
    testId: test.id,
    at: clock().toISOString(),
    ...judged,
    evidence: [evidenceOf(test.id, { version, heartbeats, lines: wire.lines(), seen })],
    durationMs: Math.round(performance.now() - begun),
    requests: wire.requests(),
  };
}

function nameOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'something that is no error';
  const { code } = thrown as { code?: unknown };
  return typeof code === 'string' ? `${thrown.name} ${code}` : `${thrown.name}: ${thrown.message.slice(0, 200)}`;
}

/** The system is well, and sees who asks as who was sent. @throws CannotTell */
async function heartbeat(world: World, wire: Wire, clock: () => Date): Promise<string> {
  const health = await wire.client('nobody', null)('GET', '/healthz');
  if (health.status !== 200) throw new CannotTell(`the system is not well: ${health.status}`);
  const skew = Math.abs(clock().getTime() - new Date(health.headers.date ?? '').getTime());
  if (!(skew <= MOST_SKEW_MS)) throw new CannotTell('the clocks of the runner and the server are too far apart');
  const key = world.keys.find(({ role }) => role === 'auditor') ?? world.keys[0];
  if (key === undefined) throw new CannotTell('there is no key to try with');
  const who = await wire.client(key.role, key.key)('GET', '/v1/access/whoami');
  if (who.status !== 200 || who.json?.id !== key.id) throw new CannotTell('the server saw somebody else than was sent');
  return `${clock().toISOString()} ${key.id}`;
}

async function within(seconds: number, work: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new CannotTell(`it took longer than its ${seconds} s`)), seconds * 1000);
  });
  try {
    await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}
