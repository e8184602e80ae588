/**
 * The runner's own role of the database: it reads all that lies in it, as somebody who stole a copy would, and changes
 * nothing. It is made for a run and ends with it.
 */
import { randomBytes } from 'node:crypto';

import { addressAs, type Db, type DbAddress } from '#platform/db';
import { dropReader, makeReader } from '#practices/assurance';

export type ReaderRole = Readonly<{ url: string | null; why: string; drop: () => Promise<void> }>;

export async function readerRole(db: Db, address: DbAddress, name: string, until: Date): Promise<ReaderRole> {
  const password = randomBytes(24).toString('base64url');
  try {
    await makeReader(db, name, password, until);
  } catch (thrown) {
    const { code = 'unknown' } = thrown as { code?: string };
    const why = `the server's account may not make a role of the database (${code})`;
    return { url: null, why, drop: () => Promise.resolve() };
  }
  return { url: addressAs(address, { user: name, password }), why: '', drop: () => dropReader(db, name) };
}
