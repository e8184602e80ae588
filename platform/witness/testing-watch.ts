/** A witness of one log, and a log that says what it likes, for tests. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import {
  checkpointText,
  consistencyProof,
  formatVerifierKey,
  leafHash,
  NOTE_ED25519,
  noteKeyOf,
  rootOf,
  signNote,
  type NoteKey,
  type NoteSigner,
} from '#platform/tlog';

import { keysByOrigin, makeHome } from './home.ts';
import { openMemory, type Memory } from './store.ts';
import { createWitness, type Witness, type WitnessAnswer } from './witness.ts';

export const ORIGIN = 'example.org/log';
export const newLogKey = (name = ORIGIN): NoteSigner => ({
  name,
  type: NOTE_ED25519,
  privateKey: generateKeyPairSync('ed25519').privateKey,
});
export const vkey = (signer: NoteSigner): string => formatVerifierKey(noteKeyOf(signer));

/** A history that the log could show: leaves in order. */
export type History = readonly Buffer[];
export const history = (...names: readonly string[]): History => names.map((name) => leafHash(Buffer.from(name)));
export const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${prefix}${i}`);

export const noteAt = (signer: NoteSigner, leaves: History, size: number, origin = ORIGIN): string =>
  signNote(checkpointText({ origin, size, root: rootOf(leaves.slice(0, size)) }), [signer], new Date());

export async function requestOf(signer: NoteSigner, leaves: History, oldSize: number, size: number): Promise<string> {
  const proof = await consistencyProof(oldSize, size, (from, to) => Promise.resolve(rootOf(leaves.slice(from, to))));
  const lines = proof.map((hash) => `${Buffer.from(hash).toString('base64')}\n`).join('');
  return `old ${oldSize}\n${lines}\n${noteAt(signer, leaves, size)}`;
}

type Watch = Readonly<{
  log: NoteSigner;
  witness: Witness;
  memory: Memory;
  keys: readonly NoteKey[];
  folder: string;
  evidence: { origin: string; why: string; size: number }[];
  clock: { now: Date };
  send: (body: string | Uint8Array) => WitnessAnswer;
}>;

export function newFolder(t: TestContext): string {
  const parent = mkdtempSync(join(tmpdir(), 'sr-witness-'));
  t.after(() => rmSync(parent, { recursive: true, force: true }));
  return join(parent, 'home');
}

export function watch(t: TestContext, log = newLogKey()): Watch {
  const folder = newFolder(t);
  const home = makeHome(folder, { name: 'witness.example/dpo', policy: `log ${vkey(log)}\nquorum none\n` });
  const memory = openMemory(home.memoryPath);
  t.after(() => memory.close());
  const evidence: Watch['evidence'] = [];
  const clock = { now: new Date('2026-11-24T12:00:00Z') };
  const witness = createWitness({
    signers: home.signers,
    logs: keysByOrigin(home.logs),
    memory,
    clock: () => clock.now,
    onEvidence: (each) => evidence.push(each),
  });
  const send = (body: string | Uint8Array): WitnessAnswer =>
    witness.addCheckpoint(typeof body === 'string' ? Buffer.from(body) : body);
  return { log, witness, memory, keys: home.signers.map(noteKeyOf), folder, evidence, clock, send };
}
