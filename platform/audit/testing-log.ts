/** A log of its own on a database of its own, for tests; and programs that append to it side by side. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';

import { migrate, type Db } from '#platform/db';
import { freshDatabase } from '#platform/testing';

import { createAudit, type Audit } from './audit.ts';
import type { AuditEvent } from './event.ts';
import { verifyLog, type VerifyReport } from './verify.ts';

export const NAME = 'strongroom/test';
export const newKey = (): KeyObject => generateKeyPairSync('ed25519').privateKey;
export const pseudonymKey = createSecretKey(Buffer.alloc(32, 7));

export function auditOn(db: Db, privateKey: KeyObject): Audit {
  const sealPersonal = (): Promise<Uint8Array> => Promise.resolve(Buffer.from('sealed'));
  return createAudit({
    db,
    clock: () => new Date(),
    signer: { name: NAME, privateKey },
    pseudonymKey,
    node: 'test',
    sealPersonal,
  });
}

export type Log = Readonly<{ db: Db; url: string; key: KeyObject; audit: Audit }>;

export async function freshLog(t: TestContext): Promise<Log> {
  const { db, url } = await freshDatabase(t);
  await migrate(db, [{ schema: 'audit', folder: new URL('sql/', import.meta.url) }]);
  const key = newKey();
  return { db, url, key, audit: auditOn(db, key) };
}

export const event = (requestId: string): AuditEvent => ({
  action: 'vault.read',
  actor: { kind: 'service', id: 'shop' },
  outcome: 'done',
  requestId,
});
export const appendMany = (audit: Audit, count: number): Promise<{ index: bigint }[]> =>
  Promise.all(Array.from({ length: count }, (_, i) => audit.append(event(`r${i}`))));
export const requestOf = (bytes: Buffer): unknown =>
  (JSON.parse(bytes.toString('utf8')) as { requestId: unknown }).requestId;
export const verify = ({ audit }: Log, remembered: string | null = null): Promise<VerifyReport> =>
  verifyLog({ source: audit.source, verifierKey: audit.verifierKey, remembered });

const PROGRAM = `
  import { createSecretKey, generateKeyPairSync } from 'node:crypto';
  import { openDb } from '${new URL('../db/index.ts', import.meta.url).href}';
  import { createAudit } from '${new URL('./index.ts', import.meta.url).href}';
  const [url, name, count] = process.argv.slice(1);
  const db = openDb(url, { connections: 2, applicationName: 'appender' });
  const audit = createAudit({
    db, clock: () => new Date(), node: name, sealPersonal: async () => new Uint8Array(),
    signer: { name: 'x', privateKey: generateKeyPairSync('ed25519').privateKey },
    pseudonymKey: createSecretKey(Buffer.alloc(32, 7)),
  });
  let next = 0;
  const work = async () => {
    while (next < Number(count)) {
      const requestId = name + next++;
      const { index } = await audit.append({ action: 'vault.read', actor: { kind: 'service', id: name }, outcome: 'done', requestId });
      process.stdout.write(index + ' ' + requestId + '\\n');
    }
  };
  await Promise.all(Array.from({ length: 25 }, work));
  await db.end();`;

/** Waits until PostgreSQL has noticed that the processes of `appender` are no more. */
export async function appendersGone(db: Db): Promise<void> {
  for (;;) {
    const left =
      await db`select pid from pg_stat_activity where application_name = 'appender' and datname = current_database()`;
    if (left.count === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

type Answered = Map<number, string>;

/** Appends from a process of its own; `answered` fills with what was answered for. */
export function appender(
  log: Log,
  name: string,
  count: number,
): { child: ChildProcess; answered: Answered; ended: Promise<unknown> } {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM, log.url, name, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const answered: Answered = new Map();
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    const [index, requestId] = line.split(' ') as [string, string];
    // a line that SIGKILL cut in two answers for nothing
    if (/^[a-z]+\d+$/.test(requestId ?? '')) answered.set(Number(index), requestId);
  });
  return { child, answered, ended: Promise.all([once(child, 'close'), once(lines, 'close')]) };
}
