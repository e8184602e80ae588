/**
 * Links that end one purpose for one subject, and do nothing else: opaque, and nobody can make one (RFC 8058 §3.1;
 * platform/crypto/sealed-token.ts): subject (16 B) ‖ purpose.
 */
import type { KeyObject } from 'node:crypto';

import { openToken, sealToken } from '#platform/crypto';
import { uuidBytes, uuidText, type SubjectId } from '#platform/ids';

const LABEL = 'strongroom/unsubscribe/1';
const LENGTHS = [17, 272] as const;
export type Unsubscribed = Readonly<{ subjectId: SubjectId; purpose: string }>;

export const unsubscribeToken = (key: KeyObject, { subjectId, purpose }: Unsubscribed): string =>
  sealToken(key, LABEL, Buffer.concat([uuidBytes(subjectId), Buffer.from(purpose)]));

/** Null for everything that is not whole and ours. */
export function openUnsubscribe(key: KeyObject, token: string): Unsubscribed | null {
  const plain = openToken(key, LABEL, token, LENGTHS);
  if (plain === null) return null;
  return { subjectId: uuidText(plain.subarray(0, 16)) as SubjectId, purpose: plain.subarray(16).toString() };
}
