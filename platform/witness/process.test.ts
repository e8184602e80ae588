/** The witness as a process of its own: killed, started twice, asked over HTTP. */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test, type TestContext } from 'node:test';

import {
  checkpointText,
  consistencyProof,
  formatVerifierKey,
  leafHash,
  NOTE_ED25519,
  noteKeyOf,
  openNote,
  parseVerifierKey,
  rootOf,
  signNote,
  type NoteKey,
  type NoteSigner,
} from '#platform/tlog';

import { makeHome } from './index.ts';

const LOG: NoteSigner = {
  name: 'example.org/log',
  type: NOTE_ED25519,
  privateKey: generateKeyPairSync('ed25519').privateKey,
};
const leavesOf = (prefix: string): Buffer[] =>
  Array.from({ length: 3000 }, (_, i) => leafHash(Buffer.from(prefix + i)));
const [LEAVES, OTHER] = [leavesOf('a'), leavesOf('b')];

const noteAt = (leaves: Buffer[], size: number): string =>
  signNote(checkpointText({ origin: LOG.name, size, root: rootOf(leaves.slice(0, size)) }), [LOG], new Date());
async function requestOf(leaves: Buffer[], oldSize: number, size: number): Promise<string> {
  const proof = await consistencyProof(oldSize, size, (from, to) => Promise.resolve(rootOf(leaves.slice(from, to))));
  return `old ${oldSize}\n${proof.map((hash) => `${Buffer.from(hash).toString('base64')}\n`).join('')}\n${noteAt(leaves, size)}`;
}

/** `dies` after so many checkpoints were kept: between the write and the answer. */
const PROGRAM = `
  import { createWitness, createWitnessServer, keysByOrigin, listen, openHome, openMemory } from '${new URL('./index.ts', import.meta.url).href}';
  const [folder, dies] = process.argv.slice(1);
  const home = openHome(folder);
  const real = openMemory(home.memoryPath);
  let kept = 0;
  const memory = { ...real, advance: (...args) => { real.advance(...args); if (++kept === Number(dies)) process.kill(process.pid, 'SIGKILL'); } };
  const witness = createWitness({ signers: home.signers, logs: keysByOrigin(home.logs), memory, clock: () => new Date(), onEvidence: () => {} });
  const server = createWitnessServer({ witness, describe: () => ({ logs: memory.all().map(({ origin, size }) => ({ origin, size })) }), onFault: (thrown) => console.error(thrown) });
  console.log(await listen(server, { host: '127.0.0.1', port: 0 }));`;

type Running = Readonly<{ url: string; child: ChildProcess; ended: Promise<unknown> }>;

async function start(t: TestContext, folder: string, dies = 0): Promise<Running> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM, folder, String(dies)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => void child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  const [url] = (await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended])) as [unknown];
  assert.ok(typeof url === 'string', 'the witness did not start');
  return { url, child, ended };
}

function newWitness(t: TestContext): { folder: string; keys: NoteKey[] } {
  const parent = mkdtempSync(join(tmpdir(), 'sr-witness-'));
  t.after(() => rmSync(parent, { recursive: true, force: true }));
  const folder = join(parent, 'home');
  const policy = `log ${formatVerifierKey(noteKeyOf(LOG))}\nquorum none\n`;
  const { verifierKeys } = makeHome(folder, { name: 'witness.example/dpo', policy });
  return { folder, keys: verifierKeys.map((key) => parseVerifierKey(key) as NoteKey) };
}

const send = async (
  url: string,
  body: string | ReadableStream,
  init: object = {},
): Promise<{ status: number; text: string; type: string | null }> => {
  const response = await fetch(`${url}/add-checkpoint`, { method: 'POST', body, ...init });
  return { status: response.status, text: await response.text(), type: response.headers.get('content-type') };
};

test('killed between the write and the answer, it remembers what it was about to cosign', async (t) => {
  const { folder, keys } = newWitness(t);
  const first = await start(t, folder, 2);
  assert.equal((await send(first.url, await requestOf(LEAVES, 0, 10))).status, 200);

  await assert.rejects(send(first.url, await requestOf(LEAVES, 10, 20)));
  await first.ended;
  const { url } = await start(t, folder);

  // the log never got an answer, and asks as before
  const again = await send(url, await requestOf(LEAVES, 10, 20));
  assert.deepEqual([again.status, again.text, again.type], [409, '20\n', 'text/x.tlog.size']);
  // whoever has the log's key and knew of the kill cannot use it either
  assert.equal((await send(url, await requestOf(OTHER, 0, 15))).status, 409);
  assert.equal((await send(url, `old 20\n\n${noteAt(OTHER, 20)}`)).status, 409);
  assert.equal((await send(url, await requestOf(OTHER, 20, 30))).status, 422);
  const same = await send(url, `old 20\n\n${noteAt(LEAVES, 20)}`);
  assert.equal(same.status, 200);
  assert.equal(openNote(noteAt(LEAVES, 20) + same.text, keys)?.signed.size, 2);
});

test('killed at any moment, again and again, it never cosigns two histories', async (t) => {
  const { folder, keys } = newWitness(t);
  let size = 0;
  const cosigned: number[] = [];
  for (let round = 0; round < 8 || (cosigned.length === 0 && round < 200); round += 1) {
    const { url, child, ended } = await start(t, folder);
    const timer = setTimeout(() => child.kill('SIGKILL'), 20 + round * 15);
    try {
      for (;;) {
        const next = size + 1 + (size % 7);
        const { status, text } = await send(url, await requestOf(LEAVES, size, next));
        if (status === 409) size = Number(text);
        else {
          assert.equal(status, 200);
          assert.ok(openNote(noteAt(LEAVES, next) + text, keys));
          cosigned.push(next);
          size = next;
        }
        // and somebody tries the other history in between
        const fork = await send(url, await requestOf(OTHER, size, size + 3));
        assert.ok([409, 422].includes(fork.status), String(fork.status));
      }
    } catch (thrown) {
      if ((thrown as Error).name === 'AssertionError') throw thrown;
    }
    await ended;
    clearTimeout(timer);
  }
  const { url } = await start(t, folder);
  const { logs } = (await (await fetch(url)).json()) as { logs: { size: number }[] };
  assert.ok(cosigned.length > 0);
  assert.ok((logs[0]?.size ?? 0) >= Math.max(...cosigned), `${logs[0]?.size} after ${Math.max(...cosigned)}`);
});

test('a second process on the same folder does not start, and the first goes on', async (t) => {
  const { folder } = newWitness(t);
  const { url } = await start(t, folder);
  await send(url, await requestOf(LEAVES, 0, 5));

  const main = new URL('../../server/main.ts', import.meta.url).pathname;
  const second = spawn(process.execPath, [main, 'audit', 'witness', 'serve', '--dir', folder, '--port', '0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  second.stderr.on('data', (piece: Buffer) => void (said += piece.toString()));
  const [code] = (await once(second, 'close')) as [number];

  assert.equal(code, 1);
  assert.match(said, /WITNESS_IN_USE/);
  assert.equal((await send(url, await requestOf(LEAVES, 5, 9))).status, 200);
});

test('over HTTP: long bodies, other methods and paths, and clients that hang, are turned away', async (t) => {
  const { folder } = newWitness(t);
  const { url } = await start(t, folder);
  const long = 'x'.repeat(200 * 1024);
  const stream = (): ReadableStream =>
    new ReadableStream({
      start: (controller) => {
        for (let i = 0; i < 20; i += 1) controller.enqueue(Buffer.alloc(16 * 1024, 'x'));
        controller.close();
      },
    });

  assert.equal((await send(url, long)).status, 413);
  // sent in pieces without a length: cut off when it is too long, so the answer may not get through
  const chunked = await send(url, stream(), { duplex: 'half' }).catch(() => ({ status: 413 }));
  assert.equal(chunked.status, 413);
  assert.equal((await fetch(`${url}/add-checkpoint`)).status, 405);
  assert.equal((await fetch(`${url}/other`)).status, 404);
  assert.equal((await fetch(url, { method: 'POST', body: 'x' })).status, 404);
  const { port } = new URL(url);
  const hanging = connect(Number(port), '127.0.0.1').resume();
  hanging.write('POST /add-checkpoint HTTP/1.1\r\nhost: x\r\n');
  await once(hanging, 'close');
  assert.equal((await send(url, await requestOf(LEAVES, 0, 5))).status, 200);
});
