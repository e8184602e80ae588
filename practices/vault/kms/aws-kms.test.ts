// kind: program
import assert from 'node:assert/strict';
import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { inspect } from 'node:util';

import { isFailure } from '#platform/failure';

import { openAwsKms } from './aws-kms.ts';
import { kmsConformance } from './conformance.ts';
import { openKms } from './open-kms.ts';

const ACCESS = 'AKIDEXAMPLE';
const SECRET = 'wJalrXUtnFEMI-not-a-real-one';
const fails = (code: string) => (error: unknown) =>
  isFailure(error, code) && !inspect(error, { depth: 9, showHidden: true }).includes(SECRET);

type AwsKey = { material: Buffer; state: string; spec: string };
type Service = {
  keys: Map<string, AwsKey>;
  fault: ((response: ServerResponse) => void) | null;
  seen: string[];
  answersAs: string | null;
};

/** AWS KMS as its JSON protocol describes it, on loopback: signatures are recomputed, ciphertexts are real. */
async function startKms(t: TestContext) {
  const service: Service = { keys: new Map(), fault: null, seen: [], answersAs: null };
  const server = createServer((request, response) => void serve(service, request, response));
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  t.after(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const make = (more: Partial<AwsKey> = {}): string => {
    const arn = `arn:aws:kms:eu-central-1:111122223333:key/${randomUUID()}`;
    service.keys.set(arn, { material: randomBytes(32), state: 'Enabled', spec: 'SYMMETRIC_DEFAULT', ...more });
    return arn;
  };
  const open = (arn: string, secretAccessKey = SECRET, timeoutMs = 5000) =>
    openAwsKms(arn, { timeoutMs, client: { endpoint, credentials: { accessKeyId: ACCESS, secretAccessKey } } });
  return { service, make, open };
}

async function serve(service: Service, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const answer = (status: number, content: object): void =>
    void response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(content));
  const refuse = (name: string, status = 400): void => answer(status, { __type: name, message: `${name} happened` });
  const target = String(request.headers['x-amz-target']);
  service.seen.push(target);
  if (service.fault !== null) return service.fault(response);
  if (!isSigned(request, body)) return refuse('InvalidSignatureException');
  const input = JSON.parse(body.toString()) as Record<string, string> & { EncryptionContext?: Record<string, string> };
  const arn = input.KeyId ?? '';
  const key = service.keys.get(arn);
  if (key === undefined) return refuse('NotFoundException');
  const KeyId = service.answersAs ?? arn;
  if (target === 'TrentService.DescribeKey') {
    return answer(200, {
      KeyMetadata: {
        Arn: arn,
        KeyId: arn.split('/')[1],
        KeyState: key.state,
        KeySpec: key.spec,
        KeyUsage: 'ENCRYPT_DECRYPT',
        Origin: 'AWS_KMS',
        KeyManager: 'CUSTOMER',
      },
    });
  }
  if (key.state !== 'Enabled')
    return refuse(key.state === 'Disabled' ? 'DisabledException' : 'KMSInvalidStateException');
  const aad = Buffer.from(
    JSON.stringify(Object.entries(input.EncryptionContext ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1))),
  );
  if (target === 'TrentService.Encrypt') {
    const plain = Buffer.from(input.Plaintext ?? '', 'base64');
    if (plain.length < 1 || plain.length > 4096) return refuse('ValidationException');
    const head = Buffer.concat([Buffer.from(arn.slice(-36)), randomBytes(12)]);
    const cipher = createCipheriv('aes-256-gcm', key.material, head.subarray(36)).setAAD(aad);
    const sealed = Buffer.concat([head, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    return answer(200, { KeyId, CiphertextBlob: sealed.toString('base64'), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' });
  }
  const sealed = Buffer.from(input.CiphertextBlob ?? '', 'base64');
  if (sealed.length < 1 || sealed.length > 6144) return refuse('ValidationException');
  if (sealed.length < 65) return refuse('InvalidCiphertextException');
  const named = sealed.subarray(0, 36).toString('latin1');
  if (named !== arn.slice(-36)) {
    return refuse(
      [...service.keys.keys()].some((other) => other.endsWith(named))
        ? 'IncorrectKeyException'
        : 'InvalidCiphertextException',
    );
  }
  const decipher = createDecipheriv('aes-256-gcm', key.material, sealed.subarray(36, 48), { authTagLength: 16 });
  decipher.setAAD(aad).setAuthTag(sealed.subarray(-16));
  const plain = decipher.update(sealed.subarray(48, -16));
  try {
    decipher.final();
  } catch {
    return refuse('InvalidCiphertextException');
  }
  return answer(200, { KeyId, Plaintext: plain.toString('base64'), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' });
}

/** Signature version 4, from the request as it arrived (AWS General Reference, "Create a signed request"). */
function isSigned(request: IncomingMessage, body: Buffer): boolean {
  const [, access, date, region, names = '', signature] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([\w-]+)\/kms\/aws4_request, SignedHeaders=([\w;-]+), Signature=([0-9a-f]{64})$/.exec(
      request.headers.authorization ?? '',
    ) ?? [];
  if (access !== ACCESS || date === undefined || region !== 'eu-central-1') return false;
  if (!['host', 'x-amz-date', 'x-amz-target'].every((name) => names.split(';').includes(name))) return false;
  const sha = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex');
  const mac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
  const headers = names
    .split(';')
    .map((name) => `${name}:${String(request.headers[name]).trim()}\n`)
    .join('');
  const canonical = ['POST', request.url, '', headers, names, sha(body)].join('\n');
  const when = String(request.headers['x-amz-date']);
  const text = ['AWS4-HMAC-SHA256', when, `${date}/${region}/kms/aws4_request`, sha(canonical)].join('\n');
  const key = ['kms', 'aws4_request'].reduce(mac, mac(mac(`AWS4${SECRET}`, date), region));
  return mac(key, text).toString('hex') === signature;
}

kmsConformance('aws-kms', async (t) => {
  const { make, open } = await startKms(t);
  return { kms: await open(make()), foreign: await open(make()), secrets: [SECRET] };
});

test('a request signed with another secret is denied', async (t) => {
  const { make, open } = await startKms(t);

  await assert.rejects(open(make(), 'another secret'), fails('KMS_DENIED'));
});

test('a missing, disabled, dying or asymmetric key is refused when it is opened', async (t) => {
  const { make, open } = await startKms(t);

  await assert.rejects(open('arn:aws:kms:eu-central-1:111122223333:key/nobody'), fails('KMS_KEY_MISSING'));
  await assert.rejects(open(make({ state: 'Disabled' })), fails('KMS_DENIED'));
  await assert.rejects(open(make({ state: 'PendingDeletion' })), fails('KMS_DENIED'));
  await assert.rejects(open(make({ spec: 'RSA_4096' })), fails('KMS_SETTING_MALFORMED'));
});

test('a key disabled while it is open is denied, not called damaged', async (t) => {
  const { service, make, open } = await startKms(t);
  const arn = make();
  const kms = await open(arn);
  const wrapped = await kms.wrap(Buffer.from('key'), {});

  (service.keys.get(arn) as AwsKey).state = 'Disabled';

  await assert.rejects(kms.unwrap(wrapped, {}), fails('KMS_DENIED'));
  await assert.rejects(kms.health(), fails('KMS_DENIED'));
});

test('an answer that names another key than the one asked for is not believed', async (t) => {
  const { service, make, open } = await startKms(t);
  const kms = await open(make());
  const wrapped = await kms.wrap(Buffer.from('key'), {});

  service.answersAs = make();

  await assert.rejects(kms.wrap(Buffer.from('key'), {}), fails('KMS_ANSWER_MALFORMED'));
  await assert.rejects(kms.unwrap(wrapped, {}), fails('KMS_ANSWER_MALFORMED'));
});

test('a slow, failing or babbling service is a failure that says so, after a few attempts', async (t) => {
  const { service, make, open } = await startKms(t);
  const kms = await open(make(), SECRET, 700);
  const status = (code: number, body: string) => (response: ServerResponse) =>
    void response.writeHead(code, { 'content-type': 'application/x-amz-json-1.1' }).end(body);
  const faults: readonly [string, (response: ServerResponse) => void][] = [
    ['KMS_UNREACHABLE', status(500, '{"__type":"KMSInternalException"}')],
    ['KMS_UNREACHABLE', status(400, '{"__type":"ThrottlingException"}')],
    ['KMS_UNREACHABLE', (response) => void response.destroy()],
    ['KMS_UNREACHABLE', () => {}],
    ['KMS_DENIED', status(400, '{"__type":"AccessDeniedException"}')],
    ['KMS_ANSWER_MALFORMED', status(400, `{"__type":"Whatever","message":"${SECRET}"}`)],
    ['KMS_ANSWER_MALFORMED', status(200, '{}')],
    ['KMS_ANSWER_MALFORMED', status(200, '<html>')],
    // more than it has to say, and no end of it
    ['KMS_ANSWER_MALFORMED', (response) => void response.write(Buffer.alloc(2 ** 20, ' '))],
  ];

  for (const [code, fault] of faults) {
    service.fault = fault;
    service.seen.length = 0;
    await assert.rejects(kms.wrap(randomBytes(32), {}), fails(code), `${code} ${fault}`);
    assert.ok(service.seen.length <= 3);
  }
});

test('a blob larger than AWS takes is refused as damaged', async (t) => {
  const { make, open } = await startKms(t);
  const kms = await open(make());
  const wrapped = await kms.wrap(Buffer.from('key'), {});

  await assert.rejects(kms.unwrap({ ...wrapped, blob: Buffer.alloc(6145) }, {}), fails('KMS_WRONG_CONTEXT'));
});

test('an alias, and what is no ARN of a key, are refused', async () => {
  for (const setting of [
    'alias/root',
    'arn:aws:kms:eu-central-1:111122223333:alias/root',
    'key/1',
    'arn:aws:s3:::bucket',
  ]) {
    await assert.rejects(openKms(`aws-kms:${setting}`), fails('KMS_SETTING_MALFORMED'));
  }
});
