/** `strongroom audit …` as it is run: programs of their own, against a server and a witness. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';

import { childEnvironment, readConfig } from '#platform/config';
import { createLog } from '#platform/log';
import { freshDatabase, type FreshDatabase } from '#platform/testing';

import { composeSystem, type System } from './compose.ts';
import { MIGRATIONS } from './migrations.ts';
import { whatIsRefused } from './audit-commands-refused.tests.ts';
import { witnessesFetch } from './audit-commands-witness.tests.ts';

let fresh: FreshDatabase;
let home: string;
let system: System;
let url: string;
let witness: ChildProcess;
let policy: string;

const file = (name: string): string => join(home, name);
export type Ran = Readonly<{ code: number; out: string; err: string }>;

async function strongroom(...args: string[]): Promise<Ran> {
  const child = spawn(process.execPath, [new URL('main.ts', import.meta.url).pathname, ...args], {
    env: childEnvironment({ STRONGROOM_HOME: home, STRONGROOM_URL: url }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (piece: Buffer) => void (out += piece.toString()));
  child.stderr.on('data', (piece: Buffer) => void (err += piece.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, out, err };
}
const audit = (...args: string[]): Promise<Ran> => strongroom('audit', ...args);

async function startSystem(auditPolicy?: string): Promise<void> {
  const config = readConfig({
    STRONGROOM_HOME: home,
    DATABASE_URL: fresh.url,
    STRONGROOM_LOG: 'silent',
    ...(auditPolicy === undefined ? {} : { STRONGROOM_AUDIT_POLICY: auditPolicy }),
  });
  system = await composeSystem(config, createLog('silent'));
  url = await system.http.listen({ host: '127.0.0.1', port: 0 });
}

const append = (): Promise<{ index: bigint }> =>
  system.audit.append({ action: 'test.event', actor: { kind: 'system', id: 'test' }, outcome: 'done' });

/** What is served may be half a second old. */
async function published(size: number, isCosigned = false): Promise<void> {
  for (;;) {
    const isThere = (await system.audit.status()).publishedSize >= size;
    if (isThere && (!isCosigned || /^— witness/m.test(await system.audit.published()))) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await new Promise((resolve) => setTimeout(resolve, 600));
}

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'sr-audit-'));
  fresh = await freshDatabase(undefined, { migrated: MIGRATIONS });
  await startSystem();
  const key = await audit('key');
  await writeFile(file('log.key'), key.out);
  const made = await audit(
    'witness',
    'init',
    '--dir',
    file('witness'),
    '--name',
    'witness.example/dpo',
    '--log',
    file('log.key'),
  );
  assert.equal(made.code, 0, made.err);
  witness = spawn(
    process.execPath,
    [
      new URL('main.ts', import.meta.url).pathname,
      'audit',
      'witness',
      'serve',
      '--dir',
      file('witness'),
      '--port',
      '0',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'], env: childEnvironment({}) },
  );
  const [line] = (await once(createInterface({ input: witness.stderr as NodeJS.ReadableStream }), 'line')) as [string];
  const shown = await audit(
    'witness',
    'show',
    '--dir',
    file('witness'),
    '--url',
    (JSON.parse(line) as { url: string }).url,
  );
  policy = file('log.policy');
  const logLines = key.out
    .trim()
    .split('\n')
    .map((one) => `log ${one}\n`);
  await writeFile(policy, logLines.join('') + shown.out);
  await system.close();
  await startSystem(policy);
  for (let i = 0; i < 5; i += 1) await append();
  await published(5, true);
});
after(async () => {
  witness.kill('SIGKILL');
  await system.close();
  await fresh.close();
  await rm(home, { recursive: true, force: true });
});

test('verify: the log is what was signed and the quorum is met; the next time it must have grown from there', async () => {
  const seen = ['--seen', file('seen-a')];
  const first = await audit('verify', '--policy', policy, ...seen);
  const { index } = await append();
  await published(Number(index) + 1, true);
  const second = await audit('verify', '--policy', policy, '--json', ...seen);

  assert.equal(first.code, 0, first.out + first.err);
  assert.match(first.out, /cosigned by witness-example-dpo-ml-dsa-44[\s\S]*The quorum of the policy is met/);
  assert.equal(second.code, 0, second.out);
  const report = JSON.parse(second.out) as { ok: boolean; quorum: { met: boolean; cosigned: unknown[] } };
  assert.deepEqual([report.ok, report.quorum.met, report.quorum.cosigned.length], [true, true, 2]);
  const shown = await audit('verify', ...seen);
  assert.match(shown.out, /it only adds to what was seen before/);
  assert.match(shown.out, /the keys are those that the server itself showed the first time/);
  assert.doesNotMatch(first.out, /showed the first time/);
});

test('prove and verify --proof: offline, with the policy, and only for the very entry', async () => {
  const [proof, bare] = [file('entry.tlog-proof'), file('bare.tlog-proof')];
  const made = await audit('prove', '2', '--with-entry', '--out', proof, '--policy', policy, '--seen', file('seen-b'));
  const plain = await audit('prove', '2', '--out', bare, '--seen', file('seen-b'));
  assert.deepEqual([made.code, plain.code], [0, 0], made.err + plain.err);

  const text = await readFile(proof, 'utf8');
  const holds = await audit('verify', '--proof', proof, '--policy', policy);
  const entry = Buffer.from(/^extra (\S+)$/m.exec(text)?.[1] as string, 'base64');
  await writeFile(file('entry.json'), entry);
  await writeFile(file('other.json'), entry.toString().replace('done', 'fail'));
  const given = await audit('verify', '--proof', bare, '--entry', file('entry.json'), '--key', file('log.key'));
  const other = await audit('verify', '--proof', bare, '--entry', file('other.json'), '--key', file('log.key'));
  const without = await audit('verify', '--proof', bare, '--policy', policy);

  assert.deepEqual([holds.code, given.code, other.code, without.code], [0, 0, 6, 1]);
  assert.match(holds.out, /^Entry 2 is in the log strongroom\/[\s\S]*quorum of the policy is met/);
  assert.match(other.out, /NOT hold/);
  await writeFile(file('lonely.tlog-proof'), text.replaceAll(/^— witness.*\n/gm, ''));
  assert.equal((await audit('verify', '--proof', file('lonely.tlog-proof'), '--policy', policy)).code, 7);
  assert.equal((await audit('verify', '--proof', file('lonely.tlog-proof'), '--key', file('log.key'))).code, 0);
  await writeFile(file('moved.tlog-proof'), text.replace('index 2', 'index 3'));
  assert.equal((await audit('verify', '--proof', file('moved.tlog-proof'), '--policy', policy)).code, 6);
  await writeFile(file('torn.tlog-proof'), text.slice(0, 200));
  assert.equal((await audit('verify', '--proof', file('torn.tlog-proof'), '--policy', policy)).code, 6);
});

test('diff: what lies between two checkpoints, whichever way round, and that a forged one is none', async () => {
  const [early, late] = [file('early.note'), file('late.note')];
  await writeFile(early, await system.audit.published());
  const size = await system.audit.size();
  await append();
  await append();
  await published(size + 2);
  await writeFile(late, await system.audit.published());

  const forward = await audit('diff', early, late, '--json', '--entries', '--seen', file('seen-c'));
  const back = await audit('diff', late, early, '--seen', file('seen-c'));
  const same = await audit('diff', late, late, '--seen', file('seen-c'));
  await writeFile(file('forged.note'), (await readFile(late, 'utf8')).replace(/^(\d)/m, '9$1'));
  const forged = await audit('diff', early, file('forged.note'), '--seen', file('seen-c'));
  const now = await audit('diff', early, 'now', '--seen', file('seen-c'));

  const report = JSON.parse(forward.out) as {
    ok: boolean;
    to: number;
    from: number;
    actions: Record<string, number>;
    entries: unknown[];
  };
  assert.equal(report.ok, true);
  assert.equal(report.entries.length, report.to - report.from);
  assert.ok((report.actions['test.event done'] ?? 0) >= 2, forward.out);
  assert.deepEqual([forward.code, back.code, same.code, forged.code, now.code], [0, 0, 0, 6, 0], forged.out + now.err);
  assert.match(back.out, /The later only adds to the earlier/);
  assert.match(same.out, /They are the same \d+ entries/);
});

/** What the parts are handed, as it is when they ask. */
const running = () => ({ home, system, url, witness, policy, file, audit, startSystem, append, published });
export type Running = ReturnType<typeof running>;

whatIsRefused(running);
witnessesFetch(running);
