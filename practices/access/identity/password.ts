/**
 * Passwords as they are kept: Argon2id, peppered, over the NFKC form of what was typed, of which nothing is cut and no
 * case changed. The same sentence comes as other bytes from another keyboard or system; SP 800-63B-4 §3.1.1.2 asks for
 * this form. docs/practices/access.md says why not byte by byte.
 * Source: NIST SP 800-63B-4 §3.1.1.2; RFC 9106; OWASP password storage (46 MiB, one pass)
 */
import { argon2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

import { equal } from '#platform/crypto';

import { accessFailure } from '../failures.ts';

export type Argon2 = (
  input: Readonly<{ message: Buffer; nonce: Buffer; pepper: Buffer; cost: Cost }>,
) => Promise<Buffer>;
export type Cost = Readonly<{ memoryKib: number; passes: number; parallelism: number }>;
export type Passwords = Readonly<{
  hash: (password: string) => Promise<string>;
  /**
   * @param phc null: there is none. The same work is done, and the answer is no.
   * @returns `old` when it is right, and under other parameters than today's
   */
  check: (password: string, phc: string | null) => Promise<'right' | 'old' | 'wrong'>;
}>;

export const COST: Cost = { memoryKib: 47_104, passes: 1, parallelism: 1 };
const TAG_BYTES = 32;
/** Hashes at once: each holds 46 MiB and a thread that file reads wait for too. */
const AT_ONCE = 2;
const MOST_WAITING = 64;

const nodeArgon2 = promisify(argon2);
export const argon2id: Argon2 = ({ message, nonce, pepper, cost }) =>
  nodeArgon2('argon2id', {
    message, nonce, secret: pepper, memory: cost.memoryKib, passes: cost.passes, parallelism: cost.parallelism, tagLength: TAG_BYTES,
  }); // prettier-ignore

export function createPasswords(pepper: Buffer, derive: Argon2, cost: Cost): Passwords {
  const turn = turns();
  const work = (password: string, nonce: Buffer, at: Cost): Promise<Buffer> =>
    turn(() => derive({ message: Buffer.from(password.normalize('NFKC')), nonce, pepper, cost: at }));
  const nobody = randomBytes(16);
  return {
    hash: async (password) => {
      const nonce = randomBytes(16);
      return phcText(cost, nonce, await work(password, nonce, cost));
    },
    check: async (password, phc) => {
      const known = phc === null ? null : readPhc(phc);
      const tag = await work(password, known?.nonce ?? nobody, known?.cost ?? cost);
      if (known === null || !equal(tag, known.tag)) return 'wrong';
      return sameCost(known.cost, cost) ? 'right' : 'old';
    },
  };
}

const base64 = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');
const phcText = ({ memoryKib, passes, parallelism }: Cost, nonce: Buffer, tag: Buffer): string =>
  `$argon2id$v=19$m=${memoryKib},t=${passes},p=${parallelism}$${base64(nonce)}$${base64(tag)}`;

const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/;
function readPhc(phc: string): { cost: Cost; nonce: Buffer; tag: Buffer } | null {
  const [, m, t, p, nonce = '', tag = ''] = PHC.exec(phc) ?? [];
  if (m === undefined) return null;
  const cost = { memoryKib: Number(m), passes: Number(t), parallelism: Number(p) };
  return { cost, nonce: Buffer.from(nonce, 'base64'), tag: Buffer.from(tag, 'base64') };
}
const sameCost = (a: Cost, b: Cost): boolean =>
  a.memoryKib === b.memoryKib && a.passes === b.passes && a.parallelism === b.parallelism;

/** A few at a time; who would wait too long is told so at once. @throws ACCESS_BUSY */
function turns(): <T>(work: () => Promise<T>) => Promise<T> {
  let busy = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (busy >= AT_ONCE) {
      if (waiting.length >= MOST_WAITING) throw accessFailure('BUSY');
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else busy += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) busy -= 1;
      else next();
    }
  };
}
