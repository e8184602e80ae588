import assert from 'node:assert/strict';
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { inspect } from 'node:util';

import { secret } from '#platform/crypto';
import { isFailure } from '#platform/failure';

import { kmsConformance } from './conformance.ts';
import { openKms } from './open-kms.ts';

const TOKEN = 'hvs.a-token-that-must-not-be-seen';
const fails = (code: string) => (error: unknown) =>
  isFailure(error, code) && !inspect(error, { depth: 9, showHidden: true }).includes(TOKEN);

type TransitKey = { versions: Buffer[]; type: string; minDecryption: number; exportable: boolean };
type Engine = {
  keys: Map<string, TransitKey>;
  ignoresContext: boolean;
  namespaces: unknown[];
  fault: ((response: ServerResponse) => void) | null;
};

/** The transit engine as its API describes it, with real AES-GCM, on loopback. */
async function startTransit(t: TestContext): Promise<{ engine: Engine; setting: (key: string) => string }> {
  const engine: Engine = { keys: new Map(), ignoresContext: false, namespaces: [], fault: null };
  const server = createServer((request, response) => void serve(engine, request, response));
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  t.after(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
  const { port } = server.address() as AddressInfo;
  return { engine, setting: (key) => `vault-transit:http://127.0.0.1:${port}/secret/transit/${key}` };
}

async function serve(engine: Engine, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const answer = (status: number, body: object): void => void response.writeHead(status).end(JSON.stringify(body));
  const refuse = (status: number, ...errors: string[]): void => answer(status, { errors });
  engine.namespaces.push(request.headers['x-vault-namespace']);
  if (engine.fault !== null) return engine.fault(response);
  if (request.headers['x-vault-token'] !== TOKEN) return refuse(403, 'permission denied');
  const [, verb, name = '', extra] =
    /^\/v1\/secret\/transit\/(encrypt|decrypt|keys)\/([\w-]+)(\/rotate)?$/.exec(request.url ?? '') ?? [];
  const key = engine.keys.get(name);
  if (verb === undefined || key === undefined)
    return verb === 'decrypt' ? refuse(400, 'encryption key not found') : refuse(404);
  if (extra !== undefined) {
    key.versions.push(randomBytes(32));
    return void response.writeHead(204).end();
  }
  if (verb === 'keys')
    return answer(200, {
      data: { type: key.type, latest_version: key.versions.length, exportable: key.exportable, derived: false },
    });
  const body = JSON.parse(Buffer.concat(chunks).toString()) as Record<string, string>;
  const aad = Buffer.from(engine.ignoresContext ? '' : (body.associated_data ?? ''), 'base64');
  if (verb === 'encrypt') {
    const nonce = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key.versions.at(-1) as Buffer, nonce).setAAD(aad);
    const sealed = Buffer.concat([
      nonce,
      cipher.update(body.plaintext ?? '', 'base64'),
      cipher.final(),
      cipher.getAuthTag(),
    ]);
    return answer(200, {
      data: {
        ciphertext: `vault:v${key.versions.length}:${sealed.toString('base64')}`,
        key_version: key.versions.length,
      },
    });
  }
  const [, version, text = ''] = /^vault:v(\d+):(.*)$/.exec(body.ciphertext ?? '') ?? [];
  if (version === undefined) return refuse(400, 'invalid ciphertext: no prefix');
  if (Number(version) > key.versions.length) return refuse(400, 'invalid ciphertext: version is too new');
  if (Number(version) < key.minDecryption)
    return refuse(400, 'ciphertext or signature version is disallowed by policy (too old)');
  const sealed = Buffer.from(text, 'base64');
  if (sealed.length < 28) return refuse(400, 'invalid ciphertext: too short');
  const decipher = createDecipheriv(
    'aes-256-gcm',
    key.versions[Number(version) - 1] as Buffer,
    sealed.subarray(0, 12),
    { authTagLength: 16 },
  );
  decipher.setAAD(aad).setAuthTag(sealed.subarray(-16));
  const plain = decipher.update(sealed.subarray(12, -16));
  try {
    decipher.final();
  } catch {
    return refuse(400, 'cipher: message authentication failed');
  }
  return answer(200, { data: { plaintext: plain.toString('base64') } });
}

const fresh = (): TransitKey => ({
  versions: [randomBytes(32)],
  type: 'aes256-gcm96',
  minDecryption: 1,
  exportable: false,
});
const token = () => secret(TOKEN);

kmsConformance('vault-transit', async (t) => {
  const { engine, setting } = await startTransit(t);
  engine.keys.set('mine', fresh()).set('theirs', fresh());
  return {
    kms: await openKms(setting('mine'), { token }),
    foreign: await openKms(setting('theirs'), { token }),
    secrets: [TOKEN],
  };
});

test('an engine that ignores the context is refused when it is opened', async (t) => {
  const { engine, setting } = await startTransit(t);
  engine.keys.set('mine', fresh());
  engine.ignoresContext = true;

  await assert.rejects(openKms(setting('mine'), { token }), fails('KMS_ANSWER_MALFORMED'));
});

test('a key of a type without context, a missing key, a wrong or missing token are told apart', async (t) => {
  const { engine, setting } = await startTransit(t);
  engine.keys.set('rsa', { ...fresh(), type: 'rsa-4096' }).set('mine', fresh());

  await assert.rejects(openKms(setting('rsa'), { token }), fails('KMS_SETTING_MALFORMED'));
  await assert.rejects(openKms(setting('nobody'), { token }), fails('KMS_KEY_MISSING'));
  await assert.rejects(openKms(setting('mine'), { token: () => secret('another') }), fails('KMS_DENIED'));
  await assert.rejects(openKms(setting('mine'), { token: () => null }), fails('KMS_DENIED'));
  await assert.rejects(openKms(setting('mine')), fails('KMS_DENIED'));
});

test('a version that policy no longer opens is denied, not called damaged', async (t) => {
  const { engine, setting } = await startTransit(t);
  const key = fresh();
  engine.keys.set('mine', key);
  const kms = await openKms(setting('mine'), { token });
  const wrapped = await kms.wrap(Buffer.from('key'), {});
  await kms.rotate?.();

  key.minDecryption = 2;

  await assert.rejects(kms.unwrap(wrapped, {}), fails('KMS_DENIED'));
});

test('an exportable key is described as one that can leave', async (t) => {
  const { engine, setting } = await startTransit(t);
  engine.keys.set('mine', { ...fresh(), exportable: true });

  const { protection } = await (await openKms(setting('mine'), { token })).describe();

  assert.match(protection, /can leave Vault/);
});

test('a sealed, absent, slow, redirecting or babbling Vault is a failure that says so', async (t) => {
  const { engine, setting } = await startTransit(t);
  engine.keys.set('mine', fresh());
  const kms = await openKms(setting('mine'), { token, timeoutMs: 3000 });
  const patient = await openKms(setting('mine'), { token, timeoutMs: 60_000 });
  const faults: readonly [string, (response: ServerResponse) => void][] = [
    ['KMS_UNREACHABLE', (response) => void response.writeHead(503).end('{"errors":["Vault is sealed"]}')],
    ['KMS_UNREACHABLE', (response) => void response.writeHead(500).end()],
    ['KMS_UNREACHABLE', (response) => void response.writeHead(429).end('{}')],
    ['KMS_UNREACHABLE', (response) => void response.destroy()],
    ['KMS_UNREACHABLE', () => {}],
    ['KMS_UNREACHABLE', (response) => void response.writeHead(307, { location: '/v1/elsewhere' }).end()],
    ['KMS_ANSWER_MALFORMED', (response) => void response.writeHead(200).end('<html>')],
    ['KMS_ANSWER_MALFORMED', (response) => void response.writeHead(200).end('{"data":{"ciphertext":"vault:v0:AA=="}}')],
    [
      'KMS_ANSWER_MALFORMED',
      (response) => void response.writeHead(200).end(`{"data":{"ciphertext":"vault:v1:${'A'.repeat(70_000)}"}}`),
    ],
    // more than it has to say, and no end of it
    ['KMS_ANSWER_MALFORMED', (response) => void response.writeHead(200).write(Buffer.alloc(2 ** 20, ' '))],
    ['KMS_ANSWER_MALFORMED', (response) => void response.writeHead(418).end(`{"errors":["${TOKEN}"]}`)],
  ];

  for (const [code, fault] of faults) {
    engine.fault = fault;
    const asked = code === 'KMS_UNREACHABLE' ? kms : patient;
    await assert.rejects(asked.wrap(randomBytes(32), {}), fails(code), `${code} ${fault}`);
  }
});

test('a redirect is not followed: the token goes nowhere else', async (t) => {
  const [real, thief] = [await startTransit(t), await startTransit(t)];
  real.engine.keys.set('mine', fresh());
  thief.engine.keys.set('mine', fresh());
  const kms = await openKms(real.setting('mine'), { token });
  const location = `${new URL(thief.setting('mine').replace('vault-transit:', '')).origin}/v1/secret/transit/encrypt/mine`;

  real.engine.fault = (response) => void response.writeHead(307, { location }).end();

  await assert.rejects(kms.wrap(Buffer.from('key'), {}), fails('KMS_UNREACHABLE'));
  assert.equal(thief.engine.namespaces.length, 0);
});

test('a namespace goes with every request', async (t) => {
  const { engine, setting } = await startTransit(t);
  engine.keys.set('mine', fresh());

  await openKms(`${setting('mine')}?namespace=team`, { token });

  assert.deepEqual(new Set(engine.namespaces), new Set(['team']));
});

test('plain http to elsewhere, credentials in the address and half an address are refused', async () => {
  for (const place of [
    'http://vault.example/transit/key',
    'https://user:word@vault.example/transit/key',
    'https://vault.example/transit',
    'https://vault.example/transit/a%2Fb',
    'vault.example/transit/key',
    '',
  ]) {
    await assert.rejects(
      openKms(`vault-transit:${place}`, { token }),
      (error) => isFailure(error) && /SETTING|PROVIDER/.test(error.code),
      place,
    );
  }
});
