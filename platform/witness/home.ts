/**
 * The folder of a witness: its name and keys, the logs it knows, its memory. Nothing of the system it watches is needed.
 * Source: docs/formats/witness.md
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  COSIGNATURE_ED25519,
  COSIGNATURE_ML_DSA_44,
  formatVerifierKey,
  isKeyName,
  noteKeyOf,
  parsePolicy,
  PolicyError,
  type NoteKey,
  type NoteSigner,
  type Policy,
  type PolicyLog,
} from '#platform/tlog';

import { witnessFailure } from './failures.ts';
import { makeMemory } from './store.ts';

export type WitnessHome = Readonly<{
  name: string;
  signers: readonly NoteSigner[];
  /** Ed25519, then ML-DSA-44. */
  verifierKeys: readonly string[];
  logs: readonly PolicyLog[];
  memoryPath: string;
}>;

const NAME_FILE = 'name';
const LOGS_FILE = 'logs.policy';
const MEMORY_FILE = 'memory.sqlite';
const KEY_FILES = { ed25519: 'ed25519.pem', 'ml-dsa-44': 'ml-dsa-44.pem' } as const;
/** What an ML-DSA-44 cosignature can name. */
const MOST_NAME_BYTES = 255;

/**
 * Makes a folder with new keys and an empty memory.
 * @param policy tlog-policy text that names the logs
 * @throws WITNESS_HOME when the folder is there, or the name or policy is none
 */
export function makeHome(folder: string, { name, policy }: Readonly<{ name: string; policy: string }>): WitnessHome {
  if (!isKeyName(name) || Buffer.byteLength(name) > MOST_NAME_BYTES)
    throw witnessFailure('HOME', {
      detail: 'the name of a witness has 1 to 255 bytes, and no spaces, plus signs or control characters',
      hint: 'take something like witness.example.org/auditor',
    });
  readLogs(Buffer.from(policy), 'the policy');
  if (existsSync(folder)) throw witnessFailure('HOME', { detail: `${folder} is there already` });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const write = (file: string, text: string, mode: number): void =>
    writeFileSync(join(folder, file), text, { mode, flag: 'wx', flush: true });
  write(KEY_FILES.ed25519, toPem(generateKeyPairSync('ed25519').privateKey), 0o600);
  write(KEY_FILES['ml-dsa-44'], toPem(generateKeyPairSync('ml-dsa-44').privateKey), 0o600);
  write(LOGS_FILE, policy, 0o644);
  makeMemory(join(folder, MEMORY_FILE));
  // last: a folder without a name is one that was not finished
  write(NAME_FILE, `${name}\n`, 0o644);
  return openHome(folder);
}

/** @throws WITNESS_HOME */
export function openHome(folder: string): WitnessHome {
  const read = (file: string): Buffer => {
    try {
      return readFileSync(join(folder, file));
    } catch (cause) {
      throw witnessFailure('HOME', { detail: `${join(folder, file)} cannot be read`, cause });
    }
  };
  const name = read(NAME_FILE).toString('utf8').replace(/\n$/, '');
  if (!isKeyName(name)) throw witnessFailure('HOME', { detail: `${join(folder, NAME_FILE)} holds no name` });
  const keyOf = (algorithm: keyof typeof KEY_FILES): KeyObject => {
    const file = KEY_FILES[algorithm];
    try {
      const key = createPrivateKey(read(file));
      if (key.asymmetricKeyType === algorithm) return key;
    } catch (cause) {
      throw witnessFailure('HOME', { detail: `${join(folder, file)} holds no private key`, cause });
    }
    throw witnessFailure('HOME', { detail: `${join(folder, file)} holds a key of another kind` });
  };
  const signers: readonly NoteSigner[] = [
    { name, type: COSIGNATURE_ED25519, privateKey: keyOf('ed25519') },
    { name, type: COSIGNATURE_ML_DSA_44, privateKey: keyOf('ml-dsa-44') },
  ];
  const { logs } = readLogs(read(LOGS_FILE), join(folder, LOGS_FILE));
  return {
    name,
    signers,
    verifierKeys: signers.map((signer) => formatVerifierKey(noteKeyOf(signer))),
    logs,
    memoryPath: join(folder, MEMORY_FILE),
  };
}

/** A log may have several keys: one for each kind of signature. */
export function keysByOrigin(logs: readonly PolicyLog[]): ReadonlyMap<string, readonly NoteKey[]> {
  const byOrigin = new Map<string, NoteKey[]>();
  for (const { key } of logs) byOrigin.set(key.name, [...(byOrigin.get(key.name) ?? []), key]);
  return byOrigin;
}

function readLogs(file: Uint8Array, where: string): Policy {
  let policy: Policy;
  try {
    policy = parsePolicy(file);
  } catch (thrown) {
    if (!(thrown instanceof PolicyError)) throw thrown;
    throw witnessFailure('HOME', { detail: `${where}: ${thrown.message}`, cause: thrown });
  }
  if (policy.logs.length === 0) throw witnessFailure('HOME', { detail: `${where} names no log` });
  return policy;
}

const toPem = (key: KeyObject): string => key.export({ format: 'pem', type: 'pkcs8' }) as string;
