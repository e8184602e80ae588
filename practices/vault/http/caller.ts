/** What the vault's routes share: who calls, and ids out of paths. */
import { parseRecordId, parseSubjectId, type RecordId, type SubjectId } from '#platform/ids';
import type { Actor } from '#practices/access';

import type { Caller } from '../core.ts';
import { vaultFailure } from '../failures.ts';
import type { Vault } from '../vault.ts';

export type VaultHttpNeeds = {
  vault: Vault;
  actorOf: (request: object) => Actor;
  /** Looks the actor up again: for what goes on for longer than a request's beginning. @throws when it is revoked */
  renew: (actor: Actor) => Promise<Actor>;
  epochDays: number;
  version: string;
  /** A work was begun: somebody should see to it. */
  onWork: () => void;
};

type Asked = { id: string; headers: Record<string, string | string[] | undefined> };

/** @throws VAULT_PURPOSE_UNKNOWN: what is no purpose might be anything, and must not reach the log */
export function callerOf(needs: Pick<VaultHttpNeeds, 'actorOf' | 'vault'>, request: Asked & object): Caller {
  const purpose = request.headers['strongroom-purpose'];
  if (typeof purpose === 'string' && !needs.vault.core.catalog().purposes.has(purpose))
    throw vaultFailure('PURPOSE_UNKNOWN');
  return {
    actor: needs.actorOf(request),
    purpose: typeof purpose === 'string' ? purpose : undefined,
    requestId: request.id,
  };
}

/** @param header percent-encoded UTF-8 @throws VAULT_REASON_INVALID */
export function reasonOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  let text: string;
  try {
    text = decodeURIComponent(header).trim();
  } catch {
    throw vaultFailure('REASON_INVALID');
  }
  if (text.length < 3 || text.length > 500 || !text.isWellFormed() || /\p{Cc}/u.test(text))
    throw vaultFailure('REASON_INVALID');
  return text;
}

/** @throws VAULT_ID_INVALID */
export function recordIdOf(text: string): RecordId {
  const id = parseRecordId(text);
  if (id === null) throw vaultFailure('ID_INVALID', { detail: 'this is not the id of a record' });
  return id;
}

/** @throws VAULT_ID_INVALID */
export function subjectIdOf(text: string): SubjectId {
  const id = parseSubjectId(text);
  if (id === null) throw vaultFailure('ID_INVALID', { detail: 'this is not the id of a subject' });
  return id;
}
