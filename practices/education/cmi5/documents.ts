/**
 * What a part keeps for itself (xAPI 1.0.3 Communication §2.2, §2.3, §2.6): its state, of this run and part; and what belongs
 * to its learner, of this course, so that no course reads what another one left. Their preferences alone are of all courses.
 */
import { createHash } from 'node:crypto';

import { transact, type Db, type Tx } from '#platform/db';

import { educationFailure } from '../failures.ts';
import { deleteDocument, deleteShelf, documentNames, documentsOfRun, documentOf, holdShelf, putDocument, shelfSize, type DocumentRow } from '../store/part-documents.ts'; // prettier-ignore
import { shareOpenSession } from '../store/part-sessions.ts';
import { mustWorkHere } from './registration.ts';
import type { OpenPart } from './sessions.ts';
import { LAUNCH_DATA, PREFERENCES } from './words.ts';

export const MOST_DOCUMENT = 262_144;
const MOST_OF_SHELF = { count: 100, bytes: 2 * 2 ** 20 };
const MOST_OF_RUN = 16 * 2 ** 20;
const MOST_NAME = 200;

export type Document = Readonly<{ type: string; bytes: Buffer; at: Date }>;
/** If-Match and If-None-Match, as they came. */
export type Conditions = Readonly<{ match: string | null; noneMatch: string | null }>;
export type Shelf = Readonly<{ of: 'state'; registered: boolean }> | Readonly<{ of: 'agent' }>;

export type Documents = {
  get: (by: OpenPart, shelf: Shelf, name: string) => Promise<Document | null>;
  names: (by: OpenPart, shelf: Shelf, since: Date | null) => Promise<readonly string[]>;
  /** @param how merge: POST, by properties of JSON. @throws EDUCATION_XAPI_INVALID, …_FORBIDDEN, …_CONFLICT, …_STALE, …_TOO_LARGE, …_TOKEN */
  put: (by: OpenPart, shelf: Shelf, name: string, sent: Readonly<{ type: string; bytes: Buffer; how: 'replace' | 'merge' }>, on: Conditions) => Promise<void>;
  /** @param name null: all of them */
  remove: (by: OpenPart, shelf: Shelf, name: string | null, on: Conditions) => Promise<void>;
}; // prettier-ignore

/** SHA-1 is what xAPI has as ETag (§3.1); nothing here trusts it. */
export const etagOf = (bytes: Buffer): string => `"${createHash('sha1').update(bytes).digest('hex')}"`;

const shelfOf = ({ session, of: { run } }: OpenPart, shelf: Shelf, name: string | null): string =>
  shelf.of === 'state'
    ? `${shelf.registered ? 'state' : 'loose'} ${run.run_id} ${session.part}`
    : name === PREFERENCES ? `learner ${run.person_id}` : `agent ${run.person_id} ${run.course}`; // prettier-ignore

type DocumentNeeds = Readonly<{
  db: Db;
  now: () => Date;
  /** Who works here by now. */
  people: () => Promise<readonly Readonly<{ id: string }>[]>;
}>;

export function createDocuments({ db, now, people }: DocumentNeeds): Documents {
  /** One change of what is kept after the other, of a session that is open until it is done. */
  const write = async ({ session, of }: OpenPart, shelf: string, work: (tx: Tx) => Promise<void>): Promise<void> => {
    await mustWorkHere(people, of.run.person_id);
    await transact(db, async (tx) => {
      const open = await shareOpenSession(tx, session.session_id);
      if (open === null || now() >= open.ends_at) throw educationFailure('XAPI_TOKEN');
      await holdShelf(tx, `run ${of.run.run_id}`);
      await holdShelf(tx, shelf);
      await work(tx);
    });
  };
  return {
    get: async (by, shelf, name) => {
      const row = await documentOf(db, shelfOf(by, shelf, name), name);
      return row === null ? null : { type: row.type, bytes: row.bytes, at: row.updated_at };
    },
    names: async (by, shelf, since) => {
      const own = await documentNames(db, shelfOf(by, shelf, null), since);
      const shared = shelf.of === 'agent' ? await documentNames(db, shelfOf(by, shelf, PREFERENCES), since) : [];
      return [...own, ...shared];
    },
    put: async (by, shelf, name, { type, bytes, how }, on) => {
      if (shelf.of === 'state' && name === LAUNCH_DATA) throw educationFailure('XAPI_FORBIDDEN', { detail: 'the launch data is read, and never written by a part' });
      if (name === '' || name.length > MOST_NAME || /\p{Cc}/u.test(name)) throw educationFailure('XAPI_INVALID', { detail: `a name has 1 to ${MOST_NAME} letters` });
      const at = shelfOf(by, shelf, name);
      await write(by, at, async (tx) => {
        const before = await documentOf(tx, at, name);
        // a state may be replaced unseen; what belongs to the learner not
        meets(before, on, how === 'replace' && shelf.of === 'agent');
        const merged = how === 'merge' && before !== null ? merge(before, { type, bytes }) : bytes;
        if (how === 'merge' && before === null && isJson(type)) objectOf(bytes);
        if (name === PREFERENCES && shelf.of === 'agent') asPreferences(type, merged);
        const { count, bytes: size } = await shelfSize(tx, at);
        const more = merged.length - (before?.bytes.length ?? 0);
        if (merged.length > MOST_DOCUMENT || size + more > MOST_OF_SHELF.bytes || (before === null && count >= MOST_OF_SHELF.count))
          throw educationFailure('XAPI_TOO_LARGE', { detail: `a part keeps at most ${MOST_OF_SHELF.count} documents of 256 KiB each, and 2 MiB of them` });
        const run_id = shelf.of === 'state' ? by.of.run.run_id : null;
        if (run_id !== null && (await documentsOfRun(tx, run_id)) + more > MOST_OF_RUN)
          throw educationFailure('XAPI_TOO_LARGE', { detail: 'the parts of a run keep at most 16 MiB together' });
        await putDocument(tx, { shelf: at, name, person_id: by.of.run.person_id, run_id, type, bytes: merged, updated_at: now() });
      });
    },
    remove: async (by, shelf, name, on) => {
      if (shelf.of === 'state' && name === LAUNCH_DATA) throw educationFailure('XAPI_FORBIDDEN', { detail: 'the launch data is read, and never written by a part' });
      const at = shelfOf(by, shelf, name);
      await write(by, at, async (tx) => {
        if (name === null) return deleteShelf(tx, at);
        meets(await documentOf(tx, at, name), on, false);
        await deleteDocument(tx, at, name);
      });
    },
  };
} // prettier-ignore

/** RFC 9110 §13.1, as §3.1 asks for it. @param mustSay a change of what is there says which one it was made on */
function meets(before: DocumentRow | null, { match, noneMatch }: Conditions, mustSay: boolean): void {
  const etag = before === null ? null : etagOf(before.bytes);
  const names = (header: string): boolean =>
    etag !== null && (header.trim() === '*' || header.split(',').some((each) => each.trim().replace(/^W\//, '') === etag || `"${each.trim()}"` === etag));
  if (match !== null && !names(match)) throw educationFailure('XAPI_STALE');
  if (noneMatch !== null && names(noneMatch)) throw educationFailure('XAPI_STALE');
  if (mustSay && before !== null && match === null && noneMatch === null) throw educationFailure('XAPI_CONFLICT');
} // prettier-ignore

const isJson = (type: string): boolean => /^application\/json\s*(;|$)/i.test(type);

function objectOf(bytes: Buffer): Readonly<Record<string, unknown>> {
  try {
    const read: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof read === 'object' && read !== null && !Array.isArray(read)) return read as Record<string, unknown>;
  } catch {
    // as below
  }
  throw educationFailure('XAPI_INVALID', { detail: 'the document is no object of JSON' });
}

/** Property by property, and those of the top alone. */
function merge(before: DocumentRow, { type, bytes }: Readonly<{ type: string; bytes: Buffer }>): Buffer {
  if (!isJson(before.type) || !isJson(type)) throw educationFailure('XAPI_INVALID', { detail: 'both documents have to be application/json to become one' }); // prettier-ignore
  const both = { ...objectOf(before.bytes), ...objectOf(bytes) };
  try {
    return Buffer.from(JSON.stringify(both));
  } catch {
    // what goes deep is read step by step, and written with a call for each
    throw educationFailure('XAPI_INVALID', { detail: 'the document goes too deep' });
  }
}

/** cmi5 §11: languages in their order, and whether there is sound. */
function asPreferences(type: string, bytes: Buffer): void {
  const { languagePreference = '', audioPreference = 'on', ...rest } = isJson(type) ? objectOf(bytes) : { none: true };
  const languages = typeof languagePreference === 'string' && /^([a-z]{2,8}(-[a-z0-9]{1,8})*(,|$)){0,10}$/i.test(languagePreference); // prettier-ignore
  if (!languages || (audioPreference !== 'on' && audioPreference !== 'off') || Object.keys(rest).length > 0)
    throw educationFailure('XAPI_INVALID', { detail: `${PREFERENCES} has languagePreference and audioPreference, and nothing else` }); // prettier-ignore
}
