/**
 * An audit entry: the canonical JSON of an event (docs/formats/audit-entry.md). These bytes are stored, and hashed.
 */
import { createHash, type KeyObject } from 'node:crypto';

import { macUnder, type Mac } from '#platform/crypto';
import { uuidBytes, type SubjectId } from '#platform/ids';

import { canonicalJson } from './canonical-json.ts';
import type { AuditEvent } from './event.ts';
import { auditFailure } from './failures.ts';

/** Below the 65,535 of tlog-tiles' bundles. */
export const ENTRY_LIMIT = 60 * 1024;
/** More subjects than this stand in an entry as a count and a hash of the set. */
export const SUBJECTS_BY_NAME = 16;
const PSEUDONYM_BYTES = 16;
const PSEUDONYM_LABEL = 'strongroom/audit/pseudonym/v1\0';

export type EntryNeeds = Readonly<{
  /** Key of the subjects' pseudonyms, at least 32 bytes. Whoever has it can find a subject's entries. */
  pseudonymKey: KeyObject;
  /** Seals text under the subject's own key, so that erasing the subject erases the text and leaves the leaf as it is. */
  sealPersonal: (subjectId: SubjectId, bytes: Uint8Array) => Promise<Uint8Array>;
  /** This server's name in the log. */
  node: string;
}>;

/** HMAC-SHA-256(key, label ‖ subject's 16 bytes), the first 16 bytes, base64url (22 characters). */
export function subjectPseudonym(key: KeyObject, subjectId: SubjectId): string {
  return pseudonymUnder(macUnder(key), subjectId);
}

const pseudonymUnder = (mac: Mac, subjectId: SubjectId): string =>
  mac(PSEUDONYM_LABEL, uuidBytes(subjectId)).toString('base64url', 0, PSEUDONYM_BYTES);

export type EncodeEntry = (event: AuditEvent, at: Date) => Promise<Buffer>;

/** Encodes entries; the key of the pseudonyms is made ready once for all of them. */
export function entryEncoder(needs: EntryNeeds): EncodeEntry {
  const mac = macUnder(needs.pseudonymKey);
  return (event, at) => encodeEntry(needs, mac, event, at);
}

/**
 * @returns canonical JSON, at most 61,440 bytes
 * @throws AUDIT_ENTRY_INVALID when it is longer, or not well-formed text
 */
async function encodeEntry(needs: EntryNeeds, mac: Mac, event: AuditEvent, at: Date): Promise<Buffer> {
  const pseudonym = (subjectId: SubjectId): string => pseudonymUnder(mac, subjectId);
  const { actor, personal } = event;
  let text: string;
  try {
    text = canonicalJson({
      v: 1,
      ts: at.toISOString(),
      node: needs.node,
      action: event.action,
      actor: {
        kind: actor.kind,
        id: actor.kind === 'subject' ? pseudonym(actor.id as SubjectId) : actor.id,
        role: actor.role,
      },
      purpose: event.purpose,
      ...subjectsOf(event.subjects ?? [], pseudonym),
      classes: event.classes,
      decision: event.decision && { ...event.decision },
      outcome: event.outcome,
      detail: event.detail,
      personal: personal && {
        subject: pseudonym(personal.subjectId),
        sealed: Buffer.from(await needs.sealPersonal(personal.subjectId, Buffer.from(personal.text))).toString(
          'base64',
        ),
      },
      requestId: event.requestId,
    });
  } catch (cause) {
    if (cause instanceof TypeError) throw auditFailure('ENTRY_INVALID', { cause });
    throw cause;
  }
  const bytes = Buffer.from(text);
  if (bytes.length > ENTRY_LIMIT) {
    throw auditFailure('ENTRY_INVALID', {
      detail: `an audit entry of ${bytes.length} bytes, at most ${ENTRY_LIMIT} fit`,
    });
  }
  return bytes;
}

type Subjects = { subjects?: readonly string[]; subjectSet?: { count: number; hash: string } };

function subjectsOf(ids: readonly SubjectId[], pseudonym: (id: SubjectId) => string): Subjects {
  if (ids.length === 0) return {};
  const names = [...new Set(ids)].map(pseudonym).toSorted();
  if (names.length <= SUBJECTS_BY_NAME) return { subjects: names };
  return {
    subjectSet: { count: names.length, hash: createHash('sha256').update(names.join('\n')).digest('base64url') },
  };
}
