/**
 * The life of a policy document: draft → validated → approved by another person → active → retired.
 *
 * A version that breaks a rule stays a draft. Approval names the hash of what was looked at; activation needs the policies that the
 * differences were shown against still to hold, and is one transaction with the log's entry.
 */
import { transact, type Db, type Statements } from '#platform/db';
import { parsePublicId, uuidv7, type Uuid } from '#platform/ids';
import { whoActs, whyNotOneOfTwo } from '#platform/two-people';
import type { Catalog } from '#practices/collection';

import type { Actor } from './decide.ts';
import { openEngine } from './engine.ts';
import { UNKNOWN, type Facts } from './facts.ts';
import { accessFailure } from './failures.ts';
import { enumerate, enumerateOnce, EVERY_DAY, type Matrix, type MatrixNames } from './matrix.ts';
import type { KnownTexts } from './check-document.ts';
import { documentHash, documentText, type PolicyDocument } from './policy-document.ts';
import { versionText, type PolicyShelf } from './policy-shelf.ts';
import { reviewDocument, type DocumentReview } from './review-document.ts';
import { starterDocument } from './starter.ts';
import type { Reach } from './surroundings.ts';
import { replay, type PastQuestion, type Replayed } from './what-if.ts';
import { lockChangesBy } from './still-there.ts';
import { livingRoles } from './store/keys.ts';
import { countPeople, provenRoles, type ProvenRole } from './store/people.ts';
import {
  activateVersion,
  activeVersion,
  approveVersion,
  findVersion,
  holdActive,
  holdVersion,
  insertVersion,
  listVersions,
  type VersionRow,
} from './store/policies.ts';

export type PolicyVersion = Readonly<{
  id: string;
  /** SHA-256 of the document, 64 hex digits. */
  hash: string;
  state: VersionRow['state'];
  basedOn: string | null;
  note: string;
  proposedBy: string;
  proposedAt: string;
  approvedBy: string | null;
  approvedAt: string | null;
  activatedBy: string | null;
  activatedAt: string | null;
  retiredAt: string | null;
}>;
/** Writes the log's entry in the transaction of the change. */
export type LogVersion = (tx: Statements, version: PolicyVersion) => Promise<unknown>;

export type PolicyVersions = {
  list: () => Promise<PolicyVersion[]>;
  /** @param id a version, or `active` @throws ACCESS_POLICY_NOT_FOUND */
  get: (id: string) => Promise<PolicyVersion & { document: PolicyDocument }>;
  /** What would be said of a document, without keeping it. */
  review: (document: PolicyDocument) => Promise<DocumentReview>;
  propose: (
    by: Actor,
    document: PolicyDocument,
    note: string,
    log: LogVersion,
  ) => Promise<{ version: PolicyVersion; review: DocumentReview }>;
  /** @param hash of the document that was looked at @throws ACCESS_UNAUTHENTICATED, ACCESS_SELF_APPROVAL, ACCESS_POLICY_STATE, ACCESS_POLICY_CHANGED */
  approve: (by: Actor, id: string, hash: string, log: LogVersion) => Promise<PolicyVersion>;
  /** @throws ACCESS_UNAUTHENTICATED, ACCESS_POLICY_STATE, ACCESS_POLICY_STALE, ACCESS_POLICY_INVALID, ACCESS_POLICY_UNSAFE */
  activate: (by: Actor, id: string, log: LogVersion) => Promise<PolicyVersion>;
  /** Every decision of a version. */
  matrix: (id: string) => Promise<Matrix>;
  /** That part of it which holds every day: what shows fields, without a grant or a restriction. */
  everyDay: (id: string) => Promise<Matrix>;
  /** Past questions under a version, against the one that holds. */
  replay: (id: string, questions: readonly PastQuestion[]) => Promise<Replayed>;
  /** Puts the program's own document in place where there is none yet. */
  begin: () => Promise<void>;
};

export type VersionNeeds = Readonly<{
  db: Db;
  clock: () => Date;
  catalog: () => Catalog;
  shelf: PolicyShelf;
  /** What the settings supply. */
  reach: Reach;
  /** What roles can require; undefined: it is not known yet. */
  texts?: (() => Promise<KnownTexts | undefined>) | undefined;
  /** The version an installation begins with is in the log too. */
  logFirst: LogVersion;
}>;

export function createPolicyVersions({
  db,
  clock,
  catalog,
  shelf,
  reach,
  logFirst,
  texts = async () => undefined,
}: VersionNeeds): PolicyVersions {
  const namesNow = (): MatrixNames => ({
    purposes: [...catalog().purposes.keys()],
    collections: [...catalog().collections.keys()],
  });
  const activeNow = async (): Promise<Uuid> => {
    const active = await activeVersion(db);
    if (active === null) throw accessFailure('POLICY_NOT_FOUND');
    return active;
  };
  const known = async (id: string): Promise<Uuid> => (id === 'active' ? await activeNow() : versionId(id));
  const review = async (document: PolicyDocument, against: Uuid): Promise<DocumentReview> =>
    reviewDocument(document, await shelf.load(against), namesNow(), reach, await texts());

  return {
    list: async () => (await listVersions(db)).map(asVersion),
    get: async (id) => {
      const row = await findVersion(db, await known(id));
      if (row === null) throw accessFailure('POLICY_NOT_FOUND');
      return { ...asVersion(row), document: JSON.parse(row.document) as PolicyDocument };
    },
    review: async (document) => review(document, await activeNow()),
    propose: async (by, document, note, log) => {
      const basedOn = await activeNow();
      const reviewed = await review(document, basedOn);
      const text = documentText(document);
      const id = uuidv7(clock().getTime());
      const version = await transact(db, async (tx) => {
        await insertVersion(tx, {
          version_id: id,
          document: text,
          hash: Buffer.from(documentHash(text), 'hex'),
          state: reviewed.ok ? 'validated' : 'draft',
          based_on: basedOn,
          note,
          proposed_by: whoActs(by),
          proposed_at: clock(),
        });
        return await logged(tx, id, log);
      });
      return { version, review: reviewed };
    },
    approve: async (by, id, hash, log) =>
      transact(db, async (tx) => {
        await lockChangesBy(tx, by);
        const row = await held(tx, id);
        if (row.hash.toString('hex') !== hash) throw accessFailure('POLICY_CHANGED');
        const whyNot = await whyNotOneOfTwo(by, row.proposed_by, async () => (await countPeople(tx)) > 0);
        if (whyNot !== null) throw accessFailure(whyNot === 'same person' ? 'SELF_APPROVAL' : 'PERSON_NEEDED');
        if (row.state !== 'validated') throw stateFailure(row, 'validated');
        await approveVersion(tx, row.version_id, whoActs(by), clock());
        return await logged(tx, row.version_id, log);
      }),
    activate: async (by, id, log) => {
      const before = await findVersion(db, versionId(id));
      if (before === null) throw accessFailure('POLICY_NOT_FOUND');
      if (before.state !== 'approved') throw stateFailure(before, 'approved');
      // the catalogue may have changed since; what is slow happens before anything is locked
      refuse(before, await review(JSON.parse(before.document) as PolicyDocument, await activeNow()));
      return await transact(db, async (tx) => {
        // nor is the last key that could manage keys taken away while this looks for one
        await lockChangesBy(tx, by);
        const active = await holdActive(tx);
        const row = await held(tx, id);
        if (row.state !== 'approved') throw stateFailure(row, 'approved');
        if (row.based_on !== active) throw accessFailure('POLICY_STALE');
        const holders = { roles: await livingRoles(tx, clock()), people: await provenRoles(tx) };
        keepSomebody(JSON.parse(row.document) as PolicyDocument, holders, reach);
        await activateVersion(tx, row.version_id, by.id, clock());
        return await logged(tx, row.version_id, log);
      });
    },
    matrix: async (id) => enumerateOnce(await shelf.load(await known(id)), namesNow()),
    everyDay: async (id) => enumerate(await shelf.load(await known(id)), namesNow(), undefined, EVERY_DAY),
    replay: async (id, questions) =>
      replay(questions, await shelf.load(await activeNow()), await shelf.load(await known(id))),
    begin: async () => {
      if ((await activeVersion(db)) !== null) return;
      const text = documentText(starterDocument());
      const id = uuidv7(clock().getTime());
      await transact(db, async (tx) => {
        // servers that start at once: one of them puts it there, the others see it
        if ((await holdActive(tx)) !== null) return;
        await insertVersion(tx, {
          version_id: id,
          document: text,
          hash: Buffer.from(documentHash(text), 'hex'),
          state: 'approved',
          based_on: null,
          note: 'shipped with the program',
          proposed_by: 'system',
          proposed_at: clock(),
        });
        await activateVersion(tx, id, 'system', clock());
        await logged(tx, id, logFirst);
      });
    },
  };
}

/** @throws ACCESS_POLICY_INVALID, ACCESS_POLICY_UNSAFE with all that was found */
function refuse(row: VersionRow, { ok, faults, broken }: DocumentReview): void {
  if (ok) return;
  const extra = { version: versionText(row.version_id), faults, broken };
  throw accessFailure(faults.length > 0 ? 'POLICY_INVALID' : 'POLICY_UNSAFE', { extra });
}

/** A role that may manage keys is of no use when nobody has it. @throws ACCESS_POLICY_UNSAFE */
function keepSomebody(
  document: PolicyDocument,
  { roles, people }: Readonly<{ roles: readonly string[]; people: readonly ProvenRole[] }>,
  reach: Reach,
): void {
  const engine = openEngine(document);
  try {
    for (const around of surroundingsOf(reach)) {
      const facts: Facts = { ...UNKNOWN, ...around, kind: 'staff' };
      // a key made for them opens the rest: who can make keys can make one for each other role
      if (roles.some((role) => engine.ask(role, 'keys.manage', facts).allow)) return;
      // a person can show what they have been given, and no more
      const shown = (mfa: boolean, phishingResistant: boolean): Facts => ({
        ...facts,
        mfa: mfa ? 'fresh' : 'none',
        phishingResistant,
      });
      if (people.some(({ role, mfa, passkey }) => engine.ask(role, 'keys.manage', shown(mfa, passkey)).allow)) return;
    }
  } finally {
    engine.close();
  }
  const says = 'whoever holds a living key or can sign in today could not manage keys any more';
  throw accessFailure('POLICY_UNSAFE', {
    extra: { broken: [{ rule: 'no-lockout', says, where: [...roles], count: roles.length }] },
  });
}

/** All that can be around somebody here: each zone there is, in business hours or not. */
const surroundingsOf = ({ zone = [], hours = [] }: Reach): Partial<Facts>[] =>
  [UNKNOWN.zone, ...zone].flatMap((where) =>
    [UNKNOWN.hours, ...hours].map((when) => ({ zone: where, hours: when }) as Partial<Facts>),
  );

const stateFailure = (row: VersionRow, wanted: string) =>
  accessFailure('POLICY_STATE', { detail: `the version is ${row.state}, not ${wanted}` });

/** @throws ACCESS_POLICY_NOT_FOUND */
function versionId(id: string): Uuid {
  const uuid = parsePublicId('pol', id);
  if (uuid === null) throw accessFailure('POLICY_NOT_FOUND');
  return uuid;
}

async function held(tx: Statements, id: string): Promise<VersionRow> {
  const row = await holdVersion(tx, versionId(id));
  if (row === null) throw accessFailure('POLICY_NOT_FOUND');
  return row;
}

async function logged(tx: Statements, id: Uuid, log: LogVersion): Promise<PolicyVersion> {
  const version = asVersion((await findVersion(tx, id)) as VersionRow);
  await log(tx, version);
  return version;
}

function asVersion(row: Omit<VersionRow, 'document'>): PolicyVersion {
  return {
    id: versionText(row.version_id),
    hash: row.hash.toString('hex'),
    state: row.state,
    basedOn: row.based_on === null ? null : versionText(row.based_on),
    note: row.note,
    proposedBy: row.proposed_by,
    proposedAt: row.proposed_at.toISOString(),
    approvedBy: row.approved_by,
    approvedAt: row.approved_at?.toISOString() ?? null,
    activatedBy: row.activated_by,
    activatedAt: row.activated_at?.toISOString() ?? null,
    retiredAt: row.retired_at?.toISOString() ?? null,
  };
}
