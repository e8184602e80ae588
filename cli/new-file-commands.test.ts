/** What the commands that write a file leave behind when it comes to no good end. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';

let folder: string;
let asked = 0;
let breaks = true;
/** Begins each answer, and breaks off or waits. */
const server = createServer((_request, response) => {
  asked += 1;
  response.writeHead(200, { 'content-type': 'application/octet-stream', 'strongroom-run': 'run_1' });
  response.write('{"id":"rec_1"}\n', () => breaks && setTimeout(() => response.destroy(), 50));
});
before(async () => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sr-new-file-'));
  asked = 0;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

type Ended = { code: number | null; signal: NodeJS.Signals | null; err: string };

const command = (...args: readonly string[]): Promise<Ended> => begin(...args).ended;

function begin(...args: readonly string[]) {
  const { port } = server.address() as AddressInfo;
  const env = { ...process.env, STRONGROOM_KEY: 'srk_one', STRONGROOM_URL: `http://127.0.0.1:${port}` };
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], { env });
  let err = '';
  child.stderr.on('data', (piece: Buffer) => (err += piece.toString()));
  child.stdout.resume();
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, err }));
  });
  return { child, ended };
}

const COMMANDS: readonly ((out: string) => readonly string[])[] = [
  (out) => ['vault', 'export', '--collection', 'customer', '--out', out],
  (out) => ['collection', 'export', 'run', 'exp_1', '--out', out],
  (out) => ['privacy', 'requests', 'copy', 'req_1', out],
  (out) => ['assurance', 'export', 'bundle', '--out', out],
  (out) => ['education', 'certificate', 'copy', 'crt_1', '--because', 'audit', '--out', out],
];

for (const of of COMMANDS) {
  test(`${of('FILE').join(' ')}: no part of it is left, and no other file is asked for or gone over`, async () => {
    try {
      const cut = await command(...of(join(folder, 'out')));
      assert.ok(cut.code !== 0 && cut.err !== '' && !/^ +at /m.test(cut.err), cut.err);
      assert.deepEqual([asked > 0, readdirSync(folder)], [true, []]);
      asked = 0;
      writeFileSync(join(folder, 'out'), 'mine');
      const there = await command(...of(join(folder, 'out')));
      assert.match(there.err, /is there already/);
      assert.deepEqual([there.code, asked, readFileSync(join(folder, 'out'), 'utf8')], [2, 0, 'mine']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

const WRITTEN_AT_ONCE: readonly (readonly string[])[] = [
  ['vault', 'intake-key', '--renew', '--out'],
  ['collection', 'record', '--output'],
  ['education', 'drills', 'report', 'drl_1', '--out'],
  ['assurance', 'engagements', 'report', 'eng_1', '--out'],
];

test('what is there already is not gone over, and nothing is asked for or renewed', async () => {
  const mine = join(folder, 'mine');
  try {
    writeFileSync(mine, 'mine');
    for (const args of WRITTEN_AT_ONCE) {
      const { code, err } = await command(...args, mine);
      assert.match(err, /is there already/);
      assert.deepEqual([code, asked, readFileSync(mine, 'utf8')], [2, 0, 'mine']);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('Ctrl-C in the middle takes the part away, and ends as it does everywhere', async () => {
  breaks = false;
  try {
    const { child, ended } = begin('vault', 'export', '--collection', 'customer', '--out', join(folder, 'out'));
    while (!readdirSync(folder).some((name) => readFileSync(join(folder, name)).length > 0))
      await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGINT');
    assert.equal((await ended).signal, 'SIGINT');
    assert.deepEqual(readdirSync(folder), []);
  } finally {
    breaks = true;
    rmSync(folder, { recursive: true });
  }
});
