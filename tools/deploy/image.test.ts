/** What deploy/ makes runs: the files of the image alone, as a server; two of them behind the balancer, one stopping under load. */
import assert from 'node:assert/strict';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

import { freshDatabase, testCertificate, type FreshDatabase } from '#platform/testing';

import { freePort, startProgram, startServer, until, type RunningProgram } from '../../server/faults/running-server.ts';
import { run } from '../run.ts';
import { stagesOf, takenIn } from './dockerfile.ts';
import { MIGRATIONS } from '../../server/migrations.ts';

let fresh: FreshDatabase;
let work: string;
before(async () => {
  work = mkdtempSync(join(tmpdir(), 'sr-image-'));
  fresh = await freshDatabase(undefined, { migrated: MIGRATIONS });
  const servers = testCertificate('strongroom.internal');
  for (const [name, text] of Object.entries({ 'server.crt': servers.cert, 'server.key': servers.key, 'url': fresh.url, 'balancer.pem': servers.cert + servers.key })) writeFileSync(join(work, name), text, { mode: 0o600 });
}); // prettier-ignore
after(async () => {
  await fresh?.close();
  rmSync(work, { recursive: true, force: true });
});

const SECRETS = () => ({ DATABASE_URL_FILE: join(work, 'url'), STRONGROOM_TLS_CERT: join(work, 'server.crt'), STRONGROOM_TLS_KEY: join(work, 'server.key'), STRONGROOM_KMS: `file:${join(work, 'roots/a.json')}`, STRONGROOM_KMS_SECOND: `file:${join(work, 'roots/b.json')}` }); // prettier-ignore

/** What the builder is given, and the pages that it makes of that: nothing that was built here before. */
async function builtPages(): Promise<string> {
  const context = join(work, 'context');
  const ignore = readFileSync('deploy/Dockerfile.dockerignore', 'utf8').split('\n');
  const named = ignore.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  for (const path of named) {
    mkdirSync(join(context, dirname(path)), { recursive: true });
    cpSync(path, join(context, path), { recursive: true, filter: (each) => !/node_modules|\/dist(?:\/|$)|\.test\.ts$/.test(each) });
  }
  symlinkSync(join(process.cwd(), 'node_modules'), join(context, 'node_modules'));
  const built = await run('node', ['tools/build-web.ts'], { cwd: context });
  assert.equal(built.code, 0, built.stdout + built.stderr);
  return join(context, 'web/dist');
} // prettier-ignore

/** The packages that `npm ci --omit=dev` installs, and the files that the last stage takes. */
async function imageFiles(): Promise<string> {
  const image = join(work, 'image');
  const last = stagesOf(readFileSync('deploy/Dockerfile', 'utf8')).at(-1);
  assert.ok(last !== undefined);
  for (const path of takenIn(last)) {
    mkdirSync(join(image, dirname(path)), { recursive: true });
    cpSync(path, join(image, path), { recursive: true, filter: (each) => !/node_modules|\.test\.ts$/.test(each) });
  }
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, { dev?: boolean; link?: boolean; resolved?: string }> }; // prettier-ignore
  cpSync(await builtPages(), join(image, 'web/dist'), { recursive: true });
  for (const [path, { dev, link, resolved }] of Object.entries(lock.packages)) {
    if (dev === true || !/^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) || path.startsWith('node_modules/node-linux')) continue; // prettier-ignore
    mkdirSync(join(image, dirname(path)), { recursive: true });
    symlinkSync(link === true ? join(image, resolved as string) : join(process.cwd(), path), join(image, path));
  }
  return image;
}

test('what the image holds is enough for a server: it starts, with its secrets in files, and says of itself that it is ready', async (t) => {
  const image = await imageFiles();
  const port = await freePort();
  const env = { ...SECRETS(), STRONGROOM_HOME: join(work, 'home'), STRONGROOM_HOST: '0.0.0.0', STRONGROOM_PORT: String(port) }; // prettier-ignore
  const health = (...args: readonly string[]): RunningProgram => startProgram(['server/main.ts', 'health', ...args], { cwd: image, env }); // prettier-ignore
  const none = health('--json');
  assert.equal((await none.ended).code, 1);
  assert.deepEqual(JSON.parse(none.out()), { well: false, status: null, path: '/health/ready' });
  assert.equal((await health('--wait', 'long').ended).code, 2);

  const server = startProgram(['server/main.ts', 'serve'], { cwd: image, env });
  t.after(() => void server.child.kill('SIGKILL'));
  const asked = health('--wait', '90');
  assert.equal((await asked.ended).code, 0, server.err());
  assert.equal((await health('--live').ended).code, 0);
  // the pages came along
  const page = await new Promise<number | undefined>((resolve) => void request({ port, path: '/console/', rejectUnauthorized: false }, (answer) => resolve(answer.resume().statusCode)).end()); // prettier-ignore
  assert.equal(page, 200);
  assert.equal((await server.kill('SIGTERM')).code, 0);
  assert.equal((await health().ended).code, 1);
});

test('behind the balancer as it is shipped, a server that stops under load loses no request', async (t) => {
  if ((await run('haproxy', ['-v'])).code !== 0) return t.skip('haproxy is not here');
  const [front, one, two] = [await freePort(), await freePort(), await freePort()];
  const start = (name: string, port: number) =>
    startServer({ home: join(work, name), port, env: { ...SECRETS(), STRONGROOM_DRAIN_SECONDS: '10', STRONGROOM_TRUSTED_PROXIES: '127.0.0.1' } }); // prettier-ignore
  const first = await start('home-one', one);
  const second = await start('home-two', two);
  t.after(() => [first, second].map(({ child }) => child.kill('SIGKILL')));
  const config = readFileSync('deploy/compose/haproxy.cfg', 'utf8')
    .replace(':8443', `127.0.0.1:${front}`)
    .replace('server-1:7700', `127.0.0.1:${one}`)
    .replace('server-2:7700', `127.0.0.1:${two}`)
    .replace('/run/secrets/balancer-certificate', join(work, 'balancer.pem'))
    .replace('/run/secrets/servers-ca', join(work, 'server.crt'));
  writeFileSync(join(work, 'haproxy.cfg'), config);
  chmodSync(join(work, 'balancer.pem'), 0o600);
  const checked = await run('haproxy', ['-c', '-f', join(work, 'haproxy.cfg')]);
  assert.equal(checked.code, 0, checked.stderr);
  const balancer = startProgram(['-db', '-f', join(work, 'haproxy.cfg')], { program: 'haproxy' });
  t.after(() => void balancer.child.kill('SIGKILL'));

  const ask = (path: string, key = '', body?: object, more: Readonly<Record<string, string>> = {}) =>
    new Promise<Readonly<{ status: number; text: string }>>((resolve) => {
      const headers = { authorization: `Bearer ${key}`, ...(body !== undefined && { 'content-type': 'application/json' }), ...more };
      const sent = request({ port: front, path, method: body === undefined ? 'GET' : 'POST', headers, rejectUnauthorized: false, agent: false }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (piece: string) => (text += piece));
        answer.once('end', () => resolve({ status: answer.statusCode ?? 0, text })).once('error', () => resolve({ status: 0, text }));
      });
      sent.on('error', () => resolve({ status: 0, text: '' }));
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  await until('the balancer has seen both servers', async () => (await ask('/health/ready')).status === 200);
  const admin = readFileSync(join(work, 'home/admin.key'), 'utf8').trim();
  const made = await ask('/v1/access/keys', admin, { name: 'load', role: 'application' });
  assert.equal(made.status, 201, made.text);
  const { key } = JSON.parse(made.text) as { key: string };
  const outcomes: number[] = [];
  const going = new AbortController();
  const load = Array.from({ length: 4 }, async (_, worker) => {
    for (let n = 0; !going.signal.aborted; n += 1) {
      const body = { collection: 'customer', fields: { last_name: `Load ${worker}` } };
      outcomes.push((await ask('/v1/vault/records', key, body, { 'idempotency-key': `image-${worker}-${n}-00000` })).status);
    }
  });
  await until('there is load', () => Promise.resolve(outcomes.length > 100));
  const ended = await first.kill('SIGTERM');
  const after = outcomes.length;
  await until('the other goes on', () => Promise.resolve(outcomes.length > after + 50));
  going.abort();
  await Promise.all(load);

  assert.deepEqual(ended, { code: 0, signal: null });
  assert.deepEqual([...new Set(outcomes)], [201], `${outcomes.filter((each) => each !== 201).length} of ${outcomes.length} were lost`);
  t.diagnostic(`${outcomes.length} requests, none lost`);
}); // prettier-ignore
