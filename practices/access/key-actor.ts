/** A key that was found: as somebody who asks, and as it is listed. */
import type { Statements } from '#platform/db';
import { publicId } from '#platform/ids';

import type { Actor, Scope } from './decide.ts';
import { asHeld } from './grants/held.ts';
import { versionText } from './policy-shelf.ts';
import type { FoundKey, KeyRow } from './store/keys.ts';

export type NewKey = Readonly<{
  name: string;
  role: string;
  purposes?: readonly string[];
  classes?: readonly string[];
  collections?: readonly string[];
  expiresInDays?: number;
  /** CIDR; from anywhere when there are none. */
  networks?: readonly string[];
  /** SHA-256 of a client certificate, base64url (RFC 8705 x5t#S256): the key is worth nothing without it. */
  certificate?: string;
}>;
/** Of the assurance runner, and never of anybody who asks for a key. */
export type CanaryKey = Readonly<{
  role: string;
  purposes?: readonly string[];
  classes?: readonly string[];
  /** As of any key. */
  networks?: readonly string[];
  minutes: number;
}>;
export type MadeKey = Readonly<{ id: string; key: string; role: string; expiresAt: Date | null }>;
/** Writes the entry of the log in the transaction of the change, so that neither is there without the other. */
export type LogKey = (tx: Statements, keyId: string) => Promise<unknown>;
export type KeyView = Readonly<{
  id: string;
  name: string;
  kind: string;
  role: string;
  scope: Scope;
  createdAt: string;
  expiresAt: string | null;
  revokedAt: string | null;
  networks: readonly string[];
  /** Thumbprint of the client certificate that it is bound to. */
  certificate: string | null;
  /** It reaches made-up persons alone. */
  canariesOnly: boolean;
  /** To the minute. */
  usedAt: string | null;
}>;

export const NO_SCOPE: Scope = { purposes: [], classes: [], collections: [] };
const scopeOf = (row: KeyRow): Scope => ({
  purposes: row.purposes,
  classes: row.classes,
  collections: row.collections,
});
/** Who asks with it, as it is now. */
export const keyActor = (row: FoundKey): Actor => ({
  kind: row.kind,
  id: publicId('key', row.key_id),
  name: row.name,
  role: row.role,
  scope: scopeOf(row),
  expiresAt: row.expires_at,
  policyVersion: versionText(row.policy_version),
  ...(row.person_id === null ? {} : { person: publicId('per', row.person_id) }),
  ...(row.grants.length === 0 ? {} : { grants: row.grants.map(asHeld) }),
  ...(row.overdue ? { overdue: true } : {}),
  ...(row.canaries_only ? { canariesOnly: true } : {}),
});
export const keyView = (row: KeyRow): KeyView => ({
  id: publicId('key', row.key_id),
  name: row.name,
  kind: row.kind,
  role: row.role,
  scope: scopeOf(row),
  createdAt: row.created_at.toISOString(),
  expiresAt: row.expires_at?.toISOString() ?? null,
  revokedAt: row.revoked_at?.toISOString() ?? null,
  networks: row.networks,
  certificate: row.certificate?.toString('base64url') ?? null,
  canariesOnly: row.canaries_only,
  usedAt: row.used_at?.toISOString() ?? null,
});
