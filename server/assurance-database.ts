/**
 * The runner's own role of the database: it reads all that lies in it, as somebody who stole a copy would, and changes
 * nothing. It is made for a run and ends with it.
 */
import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';

import { addressAs, type Db, type DbAddress } from '#platform/db';
import { dropReader, makeReader } from '#practices/assurance';

export type ReaderRole = Readonly<{ url: string | null; why: string; drop: () => Promise<void> }>;

export async function readerRole(db: Db, address: DbAddress, name: string, until: Date): Promise<ReaderRole> {
  const password = randomBytes(24).toString('base64url');
  try {
    await makeReader(db, name, verifierOf(password), until);
  } catch (thrown) {
    const { code = 'unknown' } = thrown as { code?: string };
    const why = `the server's account may not make a role of the database (${code})`;
    return { url: null, why, drop: () => Promise.resolve() };
  }
  return { url: addressAs(address, { user: name, password }), why: '', drop: () => dropReader(db, name) };
}

const ROUNDS = 4096;

/** What PostgreSQL keeps of a password: the statement that makes the role may stand in its log. Source: RFC 5802 §3, RFC 7677 */
function verifierOf(password: string): string {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password, salt, ROUNDS, 32, 'sha256');
  const mac = (text: string): Buffer => createHmac('sha256', salted).update(text).digest();
  const stored = createHash('sha256').update(mac('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${ROUNDS}:${salt.toString('base64')}$${stored}:${mac('Server Key').toString('base64')}`;
}
