/** Logs and running witnesses, for tests. */
import assert from 'node:assert/strict';
import { createSecretKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { migrate, type Db } from '#platform/db';
import { freshDatabase } from '#platform/testing';
import {
  formatVerifierKey,
  NOTE_ED25519,
  noteKeyOf,
  parseCheckpoint,
  parsePolicy,
  splitNote,
  type Policy,
} from '#platform/tlog';
import {
  createWitness,
  createWitnessServer,
  keysByOrigin,
  listen,
  makeHome,
  openMemory,
  makeMemory,
  type Memory,
} from '#platform/witness';

import { createAudit, verifyLog, type Audit, type LogSigner } from './index.ts';

export const newSigner = (): LogSigner => ({
  name: 'example.org/log',
  privateKey: generateKeyPairSync('ed25519').privateKey,
  mlDsa44Seed: randomBytes(32),
});

type RunningWitness = {
  name: string;
  url: string;
  /** Lines of a policy that asks for both keys. */
  lines: string;
  server: Server;
  memory: Memory;
  requests: string[];
  stop: () => void;
  /** The same keys with an empty memory, as after a loss. */
  forget: () => void;
};

export async function startWitness(t: TestContext, name: string, signer: LogSigner, port = 0): Promise<RunningWitness> {
  const parent = mkdtempSync(join(tmpdir(), 'sr-witness-'));
  const key = formatVerifierKey(noteKeyOf({ ...signer, type: NOTE_ED25519 }));
  const home = makeHome(join(parent, 'home'), { name: `witness.example/${name}`, policy: `log ${key}\nquorum none\n` });
  let memory = openMemory(home.memoryPath);
  const witnessOn = (one: Memory) =>
    createWitness({
      signers: home.signers,
      logs: keysByOrigin(home.logs),
      memory: one,
      clock: () => new Date(),
      onEvidence: () => undefined,
    });
  let witness = witnessOn(memory);
  const requests: string[] = [];
  const server = createWitnessServer({
    witness: {
      addCheckpoint: (body) => {
        const answer = witness.addCheckpoint(body);
        requests.push(`${Buffer.from(body).toString().split('\n')[0]} ${answer.status}`);
        return answer;
      },
    },
    describe: () => ({}),
    onFault: (thrown) => assert.fail(String(thrown)),
  });
  const url = await listen(server, { host: '127.0.0.1', port });
  const stop = (): void => {
    server.close();
    server.closeAllConnections();
  };
  t.after(() => {
    stop();
    memory.close();
    rmSync(parent, { recursive: true, force: true });
  });
  const [ed, pq] = home.verifierKeys;
  const lines = `witness ${name}-ed ${ed} ${url}/\nwitness ${name}-pq ${pq} ${url}/\ngroup ${name} all ${name}-ed ${name}-pq\n`;
  const forget = (): void => {
    memory.close();
    const path = join(parent, 'empty.sqlite');
    makeMemory(path);
    memory = openMemory(path);
    witness = witnessOn(memory);
  };
  return { name, url, lines, server, memory, requests, stop, forget };
}

type Log = Readonly<{
  db: Db;
  audit: Audit;
  policy: Policy;
  news: { witness: string; problem: string | null }[];
  clock: { ahead: number };
}>;

export function auditOn(db: Db, signer: LogSigner, policy: Policy | null, node = 'node_a'): Omit<Log, 'db' | 'policy'> {
  const news: Log['news'] = [];
  const clock = { ahead: 0 };
  const audit = createAudit({
    db,
    clock: () => new Date(Date.now() + clock.ahead),
    signer,
    node,
    pseudonymKey: createSecretKey(randomBytes(32)),
    sealPersonal: (_id, bytes) => Promise.resolve(bytes),
    witnesses: policy && { policy, fetch, timeoutMs: 1000, onNews: (each) => news.push(each) },
  });
  return { audit, news, clock };
}

export async function logWith(t: TestContext, signer: LogSigner, policyText: string): Promise<Log> {
  const { db } = await freshDatabase(t);
  await migrate(db, [{ schema: 'audit', folder: new URL('./sql/', import.meta.url) }]);
  const policy = parsePolicy(Buffer.from(policyText));
  return { db, policy, ...auditOn(db, signer, policy) };
}

export const append = async (audit: Audit, count: number): Promise<void> => {
  await Promise.all(
    Array.from({ length: count }, (_, n) =>
      audit.append({ action: 'test.event', actor: { kind: 'system', id: 'test' }, outcome: 'done', detail: { n } }),
    ),
  );
};
export const verify = ({ audit, policy }: Pick<Log, 'audit' | 'policy'>, remembered: string | null = null) =>
  verifyLog({ source: audit.source, verifierKey: audit.verifierKey, policy, remembered });
export const sizeOf = (note: string): number => parseCheckpoint(splitNote(note)?.text ?? '')?.size ?? -1;

/** A server that answers as it likes. */
export async function startStranger(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  const url = await listen(server, { host: '127.0.0.1', port: 0 });
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return url;
}
