import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { createServer } from 'node:tls';
import { promisify } from 'node:util';

import { testCertificate } from '#platform/testing';

const run = promisify(execFile);
const MAIN = new URL('main.ts', import.meta.url).pathname;
const POLICY = `
admin: { networks: [10.8.0.0/24], ports: [22] }
listeners:
  - { name: api, port: 7700, from: any }
`;

/** null where namespaces and nft work; else why not. */
async function missing(name: string): Promise<string | null> {
  try {
    await run('ip', ['netns', 'add', name]);
    await run('ip', ['netns', 'exec', name, 'nft', 'list', 'tables']);
    return null;
  } catch {
    return 'it takes root, iproute2 and nftables';
  }
}

test('traffic firewall: from a policy to rules, confirmed, and an address blocked', async (t) => {
  const name = `strongroom-cli-${randomBytes(4).toString('hex')}`;
  const folder = await mkdtemp(join(tmpdir(), 'strongroom-cli-'));
  t.after(async () => {
    await rm(folder, { recursive: true });
    await run('ip', ['netns', 'del', name]).catch(() => undefined);
  });
  const reason = await missing(name);
  if (reason !== null) return t.skip(reason);
  const file = join(folder, 'firewall.yaml');
  await writeFile(file, POLICY);
  const firewall = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const all = ['netns', 'exec', name, process.execPath, MAIN, 'traffic', 'firewall', ...args, '--state', join(folder, 'state')]; // prettier-ignore
    return run('ip', all, { env: { PATH: process.env['PATH'] ?? '', ...env } }).then(
      ({ stdout }) => ({ code: 0, said: stdout }),
      ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, said: stdout + stderr }),
    );
  };
  const policy = ['--policy', file];

  const planned = await firewall(['plan', ...policy]);
  assert.equal(planned.code, 0, planned.said);
  assert.match(planned.said, /input: adds api: tcp dport 7700 accept/);
  const [nobody, cut] = await Promise.all([
    firewall(['apply', ...policy]),
    firewall(['apply', ...policy], { SSH_CONNECTION: '203.0.113.5 50000 192.0.2.1 22' }),
  ]);
  assert.equal(nobody.code, 2);
  assert.match(nobody.said, /who must not be cut off\?/);
  assert.equal(cut.code, 3, cut.said);
  assert.match(cut.said, /your own session from 203\.0\.113\.5 to port 22 would be cut/);
  const applied = await firewall(['apply', ...policy, '--operator', '10.8.0.5:22', '--seconds', '600']);
  assert.equal(applied.code, 0, applied.said);
  assert.match((await firewall(['confirm'])).said, /it stays/);
  assert.match((await firewall(['plan', ...policy])).said, /what is loaded is what is declared/);
  const [blocked, admin] = [await firewall(['block', '203.0.113.9', ...policy, '--seconds', '900', '--reason', 'probing']), await firewall(['block', '10.8.0.9', ...policy])]; // prettier-ignore
  assert.equal(blocked.code, 0, blocked.said);
  assert.equal(admin.code, 3);
  assert.match((await firewall(['blocks'])).said, /203\.0\.113\.9 .* s {2}probing/);
  await writeFile(file, 'admin: { networks: [10.8.0.1/24] }\n');
  const wrong = await firewall(['check', ...policy, '--operator', 'console']);
  assert.equal(wrong.code, 2);
  assert.match(
    wrong.said,
    /firewall\.yaml:1 admin\.networks\.0: there are bits behind the prefix\n {2}did you mean 10\.8\.0\.0\/24\?/,
  );
});

test('traffic tls: says what a port of this machine lacks, and tries no other machine', async (t) => {
  const { cert, key } = testCertificate('127.0.0.1');
  const server = createServer({ cert, key }, (socket) => socket.on('error', () => undefined).once('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\n'))); // prettier-ignore
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const tls = (...args: readonly string[]) =>
    run(process.execPath, [MAIN, 'traffic', 'tls', ...args]).then(
      ({ stdout }) => ({ code: 0, said: stdout }),
      ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, said: stdout + stderr }),
    );

  const [here, elsewhere, wrong, half] = await Promise.all([
    tls('--port', String((server.address() as AddressInfo).port)),
    tls('--port', '443', '--host', '203.0.113.1'),
    tls('--port', 'x'),
    tls('--port', '443', '--client', '/nowhere.pem'),
  ]);

  assert.equal(here.code, 6, here.said);
  assert.match(
    here.said,
    /✔ TLSv1\.3 is accepted[\s\S]*✖ its chain is not trusted[\s\S]*✖ no Strict-Transport-Security/,
  );
  assert.equal(elsewhere.code, 1);
  assert.match(elsewhere.said, /203\.0\.113\.1 is no address of this machine/);
  assert.equal(wrong.code, 2);
  assert.equal(half.code, 2, 'a certificate without its key');
});
