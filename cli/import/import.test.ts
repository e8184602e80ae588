import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

import { LARGEST_RECORD_BYTES } from './byte-lines.ts';

const MAIN = join(import.meta.dirname, '..', 'main.ts');
const folder = await mkdtemp(join(tmpdir(), 'strongroom-import-'));
after(() => rm(folder, { recursive: true, force: true }));

type Vault = {
  url: string;
  stored: Map<string, number>;
  names: Map<string, string>;
  batches: number;
  close: () => Promise<void>;
};
type Sent = { onDuplicate: string; records: { subject: { externalId: string }; fields: Record<string, string> }[] };

/** Speaks the batch contract over HTTP: skips ids it has, refuses the value `refuse`. */
async function openVault(
  more: { dieAfter?: number; stored?: Map<string, number>; slowMs?: number; everyOtherSlow?: boolean } = {},
): Promise<Vault> {
  const vault: Vault = {
    url: '',
    stored: more.stored ?? new Map(),
    names: new Map(),
    batches: 0,
    close: async () => undefined,
  };
  let arrived = 0;
  const server: Server = createServer((request, response) => void answer(request, response));
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<unknown> => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk as string;
    if (request.url === '/v1/audit/checkpoint') return response.end('example.org/log\n1\n');
    arrived += 1;
    const slowMs = more.everyOtherSlow === true ? (arrived % 2 === 0 ? 200 : 0) : (more.slowMs ?? Math.random() * 4);
    await new Promise((resolve) => setTimeout(resolve, slowMs));
    vault.batches += 1;
    const sent = JSON.parse(body) as Sent;
    const results = sent.records.map(({ subject, fields }, index) => {
      const isNew = !vault.stored.has(subject.externalId);
      // as the vault: of a batch the second of one that is new is refused
      if (isNew && sent.records.slice(0, index).some((each) => each.subject.externalId === subject.externalId))
        return { index, status: 'rejected', problem: { code: 'VAULT_DUPLICATE', detail: 'earlier', hint: '' } };
      if (isNew || sent.onDuplicate === 'update') vault.names.set(subject.externalId, fields.name ?? '');
      if (fields.name === 'refuse')
        return { index, status: 'rejected', problem: { code: 'VAULT_VALUE', detail: 'name: no', hint: '' } };
      if (vault.stored.has(subject.externalId)) return { index, status: 'skipped' };
      vault.stored.set(subject.externalId, 1);
      return { index, status: 'created' };
    });
    // carried out, but never answered for
    if (vault.batches > (more.dieAfter ?? Number.POSITIVE_INFINITY)) return response.destroy();
    return response.setHeader('content-type', 'application/json').end(JSON.stringify({ results, auditIndex: 1 }));
  };
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  vault.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  vault.close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return vault;
}

type Ended = { code: number | null; out: string; err: string };
type Running = { ended: Promise<Ended>; kill: (signal: NodeJS.Signals) => void };
function start(vault: Vault, file: string, ...args: string[]): Running {
  const shared = ['--collection', 'customer', '--external-id', 'id', '--url', vault.url, '--json'];
  const child = spawn(process.execPath, [MAIN, 'vault', 'import', file, ...shared, ...args], {
    env: { PATH: process.env.PATH, STRONGROOM_KEY: 'srk_test' },
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => void (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => void (err += chunk.toString()));
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, out, err })));
  return { ended, kill: (signal) => void child.kill(signal) };
}
async function fileOf(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}
const many = (count: number): string => Array.from({ length: count }, (_, i) => `${i},n${i}\n`).join('');

test('a cut-off import goes on where the vault answered, and loads nothing twice', async () => {
  const file = await fileOf('cut.csv', `id,name\n${many(3000)}`);
  const dying = await openVault({ dieAfter: 20 });
  const first = await start(dying, file, '--batch', '50', '--concurrency', '8').ended;
  await dying.close();
  assert.equal(first.code, 5, first.err);
  assert.match(first.err, /SDK_UNREACHABLE/);
  const whole = await openVault({ stored: dying.stored });

  const second = await start(whole, file, '--batch', '50', '--concurrency', '8').ended;

  await whole.close();
  const summary = JSON.parse(second.out) as Record<string, number>;
  assert.equal(second.code, 0);
  assert.ok((summary.resumedAt ?? 0) > 0);
  assert.equal(whole.stored.size, 3000);
  assert.ok(whole.batches < 60);
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.startsWith('cut')),
    ['cut.csv'],
  );
});

test('rejects are written once each, with line and reason and without the row, over a cut', async () => {
  const rows = Array.from({ length: 600 }, (_, i) => `${i},${i % 10 === 0 ? 'refuse' : 'n'}\n`).join('');
  const file = await fileOf('rej.csv', `id,name\n${rows}`);
  const dying = await openVault({ dieAfter: 7 });
  await start(dying, file, '--batch', '20').ended;
  await dying.close();
  // what a crash between rejects and state leaves behind
  await writeFile(`${file}.rejects.jsonl`, '{"line":9999,"code":"X","because":"y"}\n', { flag: 'a' });
  const whole = await openVault({ stored: dying.stored });

  const { out } = await start(whole, file, '--batch', '20').ended;

  await whole.close();
  const text = await readFile(`${file}.rejects.jsonl`, 'utf8');
  const lines = text
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { line: number }).line);
  assert.deepEqual(
    lines,
    Array.from({ length: 60 }, (_, i) => 2 + i * 10),
  );
  assert.doesNotMatch(text, /refuse/);
  assert.equal((JSON.parse(out) as { rejected: number }).rejected, 60);
});

test('a rejects file that was taken away is made good by beginning anew, and that of an earlier import does not stay', async () => {
  const rows = Array.from({ length: 200 }, (_, i) => `${i},${i % 10 === 0 ? 'refuse' : 'n'}\n`).join('');
  const file = await fileOf('gone.csv', `id,name\n${rows}`);
  const dying = await openVault({ dieAfter: 5 });
  await start(dying, file, '--batch', '20').ended;
  await dying.close();
  await rm(`${file}.rejects.jsonl`);
  const whole = await openVault({ stored: dying.stored });
  const { out } = await start(whole, file, '--batch', '20').ended;
  const lines = (await readFile(`${file}.rejects.jsonl`, 'utf8')).trim().split('\n');
  await writeFile(file, 'id,name\n1,good\n');
  await start(whole, file).ended;
  await whole.close();

  assert.equal(lines.length, 20);
  assert.equal((JSON.parse(out) as { resumedAt: number }).resumedAt, 0);
  await assert.rejects(readFile(`${file}.rejects.jsonl`), { code: 'ENOENT' });
});

test('bad bytes, an open quote, a short row and a huge row cost themselves and no other', async () => {
  const parts = [
    'id,name\n1,a\n2,',
    Buffer.from([0xc3, 0x28]),
    '\n3,"open\n4,d\n5\n6,',
    Buffer.alloc(LARGEST_RECORD_BYTES + 9, 'x'),
    `\n7,g\n`,
  ];
  const file = await fileOf('bad.csv', Buffer.concat(parts.map((part) => Buffer.from(part))));
  const vault = await openVault();

  const { code } = await start(vault, file).ended;

  await vault.close();
  assert.equal(code, 0);
  assert.deepEqual([...vault.stored.keys()], ['1', '4', '7']);
  const rejects = (await readFile(`${file}.rejects.jsonl`, 'utf8')).trim().split('\n');
  assert.deepEqual(
    rejects.map((line) => (JSON.parse(line) as { line: number }).line),
    [3, 4, 6, 7],
  );
});

test('a NUL or half a character costs its own row, not all that are sent with it', async () => {
  const rows = ['{"id":"1","name":"a\\u0000"}', '{"id":"2","name":"\\ud800"}', '{"id":"3\\u0000","name":"c"}'];
  const file = await fileOf('nul.jsonl', Buffer.from(`${rows.join('\n')}\n{"id":"4","name":"d"}\n`));
  const vault = await openVault();
  const { code } = await start(vault, file).ended;
  await vault.close();
  assert.deepEqual([code, [...vault.stored.keys()]], [0, ['4']]);
  const rejects = (await readFile(`${file}.rejects.jsonl`, 'utf8')).trim().split('\n');
  assert.deepEqual(rejects.map((line) => (JSON.parse(line) as { line: number }).line), [1, 2, 3]); // prettier-ignore
});

test('Ctrl-C stops after what is under way, says so, and the next run goes on', async () => {
  const file = await fileOf('stop.csv', `id,name\n${many(2000)}`);
  const slow = await openVault({ slowMs: 30 });
  const running = start(slow, file, '--batch', '20');
  while (slow.batches < 8) await new Promise((resolve) => setTimeout(resolve, 10));
  running.kill('SIGINT');
  const first = await running.ended;
  await slow.close();
  assert.equal(first.code, 130);
  assert.equal((JSON.parse(first.out) as { rows: number }).rows, slow.stored.size);
  const quick = await openVault({ stored: slow.stored });

  const second = await start(quick, file, '--batch', '20').ended;

  await quick.close();
  assert.equal(second.code, 0);
  assert.equal((JSON.parse(second.out) as { skipped: number }).skipped, 0);
  assert.equal(quick.stored.size, 2000);
});

test('a full disk under the rejects file stops the import with a sentence, not a stack', async () => {
  const file = await fileOf('full.csv', 'id,name\n1,refuse\n');
  const vault = await openVault();
  const { code, err } = await start(vault, file, '--rejects', '/dev/full').ended;
  await vault.close();
  assert.equal(code, 1);
  assert.match(err, /no space left/);
  assert.doesNotMatch(err, /\n\s+at /);
});

test('another file under the same name begins anew', async () => {
  const file = await fileOf('new.csv', `id,name\n${many(400)}`);
  const dying = await openVault({ dieAfter: 3 });
  await start(dying, file, '--batch', '20').ended;
  await dying.close();
  await writeFile(file, 'id,name\na,x\nb,y\n');
  const vault = await openVault();
  const { out } = await start(vault, file).ended;
  await vault.close();
  assert.equal((JSON.parse(out) as { resumedAt: number }).resumedAt, 0);
  assert.deepEqual([...vault.stored.keys()], ['a', 'b']);
});

test('ids and numbers of JSON lines with more digits than a number keeps are not run together', async () => {
  const file = await fileOf(
    'digits.jsonl',
    '{"id":9007199254740993,"name":1e400}\n{"id":9007199254740992,"name":12345678901234567890.5}\n',
  );
  const vault = await openVault();
  const { code } = await start(vault, file).ended;
  await vault.close();

  assert.equal(code, 0);
  assert.deepEqual([...vault.stored.keys()], ['9007199254740993', '9007199254740992']);
  assert.deepEqual([...vault.names.values()], ['1e400', '12345678901234567890.5']);
});

test('a key of a JSON line that the map does not name rejects its line; it is not left out in silence', async () => {
  const file = await fileOf(
    'keys.jsonl',
    '{"id":"1","name":"a","email":"x"}\n{"id":"2","name":"b"}\n{"id":"3","name":"c","__proto__":"d"}\n',
  );
  const map = await fileOf(
    'keys.yaml',
    'schema: strongroom/import-map/1\ncollection: customer\nexternalId: {column: id}\ncolumns: {name: name}\n',
  );
  const vault = await openVault();
  const { code } = await start(vault, file, '--map', map).ended;
  await vault.close();

  assert.deepEqual([code, [...vault.stored.keys()]], [0, ['2']]);
  const rejects = await readFile(`${file}.rejects.jsonl`, 'utf8');
  assert.deepEqual(rejects.trim().split('\n').map((line) => (JSON.parse(line) as { line: number }).line), [1, 3]); // prettier-ignore
});

test('a map that fills a field from two columns is refused', async () => {
  const file = await fileOf('twice.csv', 'id,a,b\n1,x,y\n');
  const map = await fileOf(
    'twice.yaml',
    'schema: strongroom/import-map/1\ncollection: customer\nexternalId: {column: id}\ncolumns: {a: name, b: name}\n',
  );
  const vault = await openVault();
  const { code, err } = await start(vault, file, '--map', map).ended;
  await vault.close();

  assert.equal(code, 2);
  assert.match(err, /name/);
  assert.equal(vault.stored.size, 0);
});

test('rows of one id are stored in their order, whatever is under way', async () => {
  const rows = Array.from({ length: 60 }, (_, i) => `${i % 3 === 0 || i % 10 === 2 ? 'same' : i},n${i}\n`).join('');
  const file = await fileOf('order.csv', `id,name\n${rows}`);
  const vault = await openVault({ everyOtherSlow: true });
  const { code, out } = await start(vault, file, '--on-duplicate', 'update', '--batch', '2', '--concurrency', '8')
    .ended;
  await vault.close();

  assert.equal(code, 0);
  assert.equal((JSON.parse(out) as { rejected: number }).rejected, 0);
  assert.equal(vault.names.get('same'), 'n57');
});
