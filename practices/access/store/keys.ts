/** Statements on keys. */
import type { Statements } from '#platform/db';
import type { Uuid } from '#platform/ids';
import type { DataClass } from '#practices/collection';

import type { HeldRow } from '../grants/held.ts';

export type KeyRow = Readonly<{
  key_id: Uuid;
  hash: Buffer;
  name: string;
  kind: 'service' | 'staff';
  role: string;
  purposes: string[];
  classes: DataClass[];
  collections: string[];
  created_by: string;
  created_at: Date;
  expires_at: Date | null;
  revoked_at: Date | null;
  /** Who stands behind it. */
  person_id: Uuid | null;
  /** From where it may be used; empty: from anywhere. */
  networks: string[];
  /** SHA-256 of the certificate without which it is worth nothing. */
  certificate: Buffer | null;
  used_at: Date | null;
  /** Of the assurance runner. */
  canaries_only: boolean;
}>;

/** A key, and what held when it was found. */
export type FoundKey = KeyRow &
  Readonly<{ epoch: bigint; policy_version: Uuid; grants: readonly HeldRow[]; overdue: boolean }>;

/**
 * Living keys with these hashes, in one statement for all requests of a moment; the policies that hold come in the same
 * statement, so that key and policies are of one moment, and no server needs to be told of a change.
 */
export async function findKeys(db: Statements, hashes: readonly Buffer[], now: Date): Promise<FoundKey[]> {
  return db<FoundKey[]>`
    select keys.*, authz.epoch, authz.policy_version, access.held_grants(key_id) as grants, access.review_overdue(key_id, role) as overdue from access.keys cross join access.authz
    where authz.policy_version is not null and hash in (select decode(h, 'hex') from unnest(${hashes.map((hash) => hash.toString('hex'))}::text[]) as t (h)) and revoked_at is null and (expires_at is null or expires_at > ${now})`;
}

/** Living or ended. */
export async function findKey(db: Statements, keyId: Uuid): Promise<KeyRow | null> {
  const [row] = await db<KeyRow[]>`select * from access.keys where key_id = ${keyId}`;
  return row ?? null;
}

export async function insertKey(
  db: Statements,
  row: Omit<KeyRow, 'created_at' | 'revoked_at' | 'used_at'>,
): Promise<boolean> {
  const inserted = await db`
    insert into access.keys (key_id, hash, name, kind, role, purposes, classes, collections, created_by, expires_at, person_id, networks, certificate, canaries_only)
    values (${row.key_id}, ${row.hash}, ${row.name}, ${row.kind}, ${row.role}, ${row.purposes}::text[], ${row.classes}::text[],
      ${row.collections}::text[], ${row.created_by}, ${row.expires_at}, ${row.person_id}, ${row.networks}::text[], ${row.certificate}, ${row.canaries_only})
    on conflict do nothing`;
  return inserted.count === 1;
}

export async function listKeys(db: Statements): Promise<KeyRow[]> {
  return db<KeyRow[]>`select * from access.keys order by key_id`;
}

export async function revokeKey(db: Statements, keyId: Uuid, now: Date): Promise<boolean> {
  const revoked = await db`update access.keys set revoked_at = ${now} where key_id = ${keyId} and revoked_at is null`;
  if (revoked.count === 1) await db`update access.authz set epoch = epoch + 1`;
  return revoked.count === 1;
}

/** What the requests of a moment used. */
export async function noteUses(db: Statements, keyIds: readonly Uuid[]): Promise<void> {
  await db`update access.keys set used_at = now() where key_id = any (${[...keyIds]}::uuid[])`;
}

/** A living key, locked until the transaction ends. */
export async function holdKey(tx: Statements, keyId: Uuid, now: Date): Promise<KeyRow | null> {
  const [row] = await tx<KeyRow[]>`
    select * from access.keys where key_id = ${keyId} and revoked_at is null and (expires_at is null or expires_at > ${now}) for update`;
  return row ?? null;
}

/** Ends it then, unless it ends before. */
export async function endKeyAt(tx: Statements, keyId: Uuid, at: Date): Promise<void> {
  await tx`update access.keys set expires_at = least(expires_at, ${at}) where key_id = ${keyId}`;
}

/** Keys that live and that a person stands behind. */
export async function livingKeysOf(db: Statements, personId: Uuid, now: Date): Promise<Uuid[]> {
  const rows = await db<{ key_id: Uuid }[]>`
    select key_id from access.keys where person_id = ${personId} and revoked_at is null and (expires_at is null or expires_at > ${now})`;
  return rows.map(({ key_id }) => key_id);
}

/** Of staff: the person's own. Of services: whoever made one may still know it. Ended ones too. */
export async function keysMadeBy(db: Statements, personId: Uuid): Promise<{ key_id: Uuid; kind: string }[]> {
  return db`select key_id, kind from access.keys where person_id = ${personId} order by key_id`;
}

export async function revokeKeysOf(db: Statements, personId: Uuid, now: Date): Promise<void> {
  await db`update access.keys set revoked_at = ${now} where person_id = ${personId} and revoked_at is null`;
}

export async function countStaff(db: Statements): Promise<number> {
  const [row] = await db<{ n: number }[]>`select count(*)::int as n from access.keys where kind = 'staff'`;
  return row?.n ?? 0;
}

/** Held until the transaction ends; readers go on. */
export async function lockKeys(tx: Statements): Promise<void> {
  await tx`lock table access.keys in share row exclusive mode`;
}

/** Roles of the keys that live, but those for tests of the system, which change nothing. */
export async function livingRoles(db: Statements, now: Date): Promise<string[]> {
  const rows = await db<{ role: string }[]>`
    select distinct role from access.keys where not canaries_only and revoked_at is null and (expires_at is null or expires_at > ${now})`;
  return rows.map(({ role }) => role);
}

/**
 * Roles of keys and workloads that a person made, living or ended a while ago.
 * @param person null: those that nobody stands behind
 */
export async function rolesMadeBy(tx: Statements, person: Uuid | null, endedDays: number): Promise<string[]> {
  const rows = await tx<{ role: string }[]>`
    select role from access.keys where person_id is not distinct from ${person}::uuid
      and coalesce(least(revoked_at, expires_at), 'infinity') > now() - make_interval(days => ${endedDays})
    union
    select role from access.workloads where person_id is not distinct from ${person}::uuid
      and coalesce(revoked_at, 'infinity') > now() - make_interval(days => ${endedDays})`;
  return rows.map(({ role }) => role);
}

/** Living keys in the order of their ids: one of them, or all. */
export async function livingKeys(db: Statements, keyId: Uuid | null, now: Date): Promise<FoundKey[]> {
  return db<FoundKey[]>`
    select keys.*, authz.epoch, authz.policy_version, access.held_grants(key_id) as grants, access.review_overdue(key_id, role) as overdue from access.keys cross join access.authz
    where authz.policy_version is not null and revoked_at is null and (expires_at is null or expires_at > ${now})
      and (${keyId}::uuid is null or key_id = ${keyId}) order by key_id`;
}
