/**
 * A real store that enforces object lock: Ceph's gateway as Debian has it (apt-get install radosgw ceph-mon ceph-osd), on one
 * monitor and one disk in memory. Where it is not installed this is skipped, and says so.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { after, before, test } from 'node:test';

import { CreateBucketCommand, DeleteObjectCommand, PutObjectRetentionCommand, S3Client } from '@aws-sdk/client-s3';

import { targetConformance } from './conformance.ts';
import { openS3 } from './s3.ts';

const PROGRAMS = ['radosgw', 'radosgw-admin', 'ceph-mon', 'ceph-osd', 'ceph', 'monmaptool'];
const lacking = PROGRAMS.filter((name) => !existsSync(`/usr/bin/${name}`));
const skip =
  lacking.length > 0 && `not installed: ${lacking.join(', ')}; apt-get install radosgw ceph-mon ceph-osd ceph-common`;
const credentials = { accessKeyId: 'CEPHKEY', secretAccessKey: 'CEPHSECRET' };

let folder: string;
let endpoint: string;
let s3: S3Client;
const running: ChildProcess[] = [];

const configOf = (port: number): string =>
  `[global]
fsid = ${randomUUID()}
mon_host = v1:127.0.0.1:${port}
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pgp_num = 1
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 1000
osd_crush_chooseleaf_type = 0
osd_objectstore = memstore
memstore_device_bytes = 1073741824
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
mon_data = ${folder}/mon
osd_data = ${folder}/osd
run_dir = ${folder}
admin_socket = ${folder}/$name.asok
log_file = ${folder}/$name.log
pid_file = ${folder}/$name.pid
keyring = /dev/null
`;

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

function done(program: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: 60_000, cwd: folder });
  assert.equal(status, 0, `${program}: ${stderr}`);
}
const start = (program: string, ...args: string[]): void =>
  void running.push(spawn(program, args, { stdio: 'ignore', cwd: folder }));

before(async () => {
  if (skip !== false) return;
  folder = await mkdtemp(join(tmpdir(), 'sr-ceph-'));
  const [monitor, gateway, disk] = [await freePort(), await freePort(), randomUUID()];
  const text = configOf(monitor);
  const conf = ['-c', join(folder, 'ceph.conf')];
  await writeFile(join(folder, 'ceph.conf'), text);
  for (const each of ['mon', 'osd']) await mkdir(join(folder, each));
  const fsid = /^fsid = (.+)$/m.exec(text)?.[1] as string;
  done('monmaptool', '--create', '--addv', 'a', `[v1:127.0.0.1:${monitor}]`, '--fsid', fsid, 'monmap');
  done('ceph-mon', ...conf, '-i', 'a', '--mkfs', '--monmap', 'monmap');
  start('ceph-mon', ...conf, '-i', 'a', '-f');
  done('ceph', ...conf, 'osd', 'new', disk);
  done('ceph-osd', ...conf, '-i', '0', '--mkfs', '--osd-uuid', disk);
  start('ceph-osd', ...conf, '-i', '0', '-f');
  const admin = [...conf, '-n', 'client.admin', '--no-mon-config'];
  const { accessKeyId, secretAccessKey } = credentials;
  done('radosgw-admin', ...admin, 'user', 'create', '--uid=t', '--display-name=t', `--access-key=${accessKeyId}`, `--secret-key=${secretAccessKey}`); // prettier-ignore
  start('radosgw', ...admin, '-f', `--rgw_frontends=beast endpoint=127.0.0.1:${gateway}`);
  endpoint = `http://127.0.0.1:${gateway}`;
  for (let waited = 0; !(await answers()); waited += 100) {
    assert.ok(waited < 60_000, 'the gateway does not answer');
    await sleep(100);
  }
  s3 = new S3Client({ region: 'us-east-1', endpoint, forcePathStyle: true, credentials });
});
after(async () => {
  if (skip !== false) return;
  s3.destroy();
  for (const child of running.toReversed()) {
    const gone = once(child, 'exit');
    if (child.exitCode === null && child.kill('SIGKILL')) await gone;
  }
  await rm(folder, { recursive: true, force: true });
});

const answers = (): Promise<boolean> =>
  fetch(endpoint).then(
    (response) => response.body?.cancel().then(() => true) ?? true,
    () => false,
  );

let buckets = 0;
async function bucket() {
  buckets += 1;
  const name = `vaulted-${buckets}`;
  await s3.send(new CreateBucketCommand({ Bucket: name, ObjectLockEnabledForBucket: true }));
  const place = { bucket: name, prefix: 'here/', endpoint, region: 'us-east-1' };
  return { name, target: await openS3(place, { client: { credentials }, attempts: 3, timeoutMs: 20_000 }) };
}

if (skip === false) targetConformance('radosgw', async () => (await bucket()).target, 'refused');

test('whoever has the credentials of the store can neither delete nor shorten what is locked', { skip }, async () => {
  const { name, target } = await bucket();
  const until = new Date(Date.now() + 48 * 3_600_000);
  const stored = await target.put('data/kept', Buffer.from('kept'), { lock: { until } });
  const at = { Bucket: name, Key: 'here/data/kept', VersionId: stored.version as string };

  const refused = (thrown: { $metadata?: { httpStatusCode?: number } }): boolean =>
    thrown.$metadata?.httpStatusCode === 403;
  await assert.rejects(s3.send(new DeleteObjectCommand({ ...at, BypassGovernanceRetention: true })), refused);
  const shorter = { Mode: 'COMPLIANCE', RetainUntilDate: new Date(Date.now() + 60_000) } as const;
  await assert.rejects(s3.send(new PutObjectRetentionCommand({ ...at, Retention: shorter, BypassGovernanceRetention: true })), refused); // prettier-ignore
  assert.equal(String(await target.get('data/kept', stored)), 'kept');
  assert.ok(((await target.lockOf('data/kept', stored.version)) as Date).getTime() >= until.getTime() - 1000);
  target.close();
});
