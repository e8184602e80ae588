/**
 * An alert as it may be written down: detections put names into it that foreign logs have made up. What a database, a
 * terminal or a query does not take, or turns around, is a dot, lengths are bounded, and a mail address, which is somebody's, is the term that its events
 * are found by; who may read events sees it there.
 */
import { hash } from 'node:crypto';

import type { Alert } from '../alert.ts';
import type { Sealing } from '../record/block.ts';

/** Of the alert's key 500 bytes are taken, of up to three for each half of a character. */
const LONGEST = { key: 160, name: 200, reason: 2000, attack: 40 } as const;
const ATTACKS = 50;
const UID_BYTES = 200;

/** Looked at before it is cut: half an address would be none to the pattern. */
const LOOKED_AT = 8192;
const MAIL_ADDRESS = /[^\s=,;:@<>()"']{1,64}@[^\s=,;:@<>()"']{1,190}/gu;

/** @param termOf of mail addresses; who gives none has an alert that is plain already */
export function plain(text: string, longest: number, termOf: Sealing['termOf'] = (mail) => mail): string {
  const clean = text.slice(0, LOOKED_AT).replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\ufffd]/gu, '·');
  const masked = clean.includes('@') ? clean.replaceAll(MAIL_ADDRESS, (mail) => termOf(mail)) : clean;
  // a cut in the middle of a character leaves half of it
  return masked.slice(0, longest).replace(/\p{Cs}$/u, '');
}

const finite = (n: number): number => (Number.isFinite(n) ? n : 0);

/** The same of the same: what was seen is known again. */
export function plainAlert(alert: Alert, termOf: Sealing['termOf']): Alert {
  const plainly = (text: string, longest: number): string => plain(text, longest, termOf);
  const { uid, rule, title, key, reason, entity, attack, measure } = alert;
  const same = plainly(uid, LOOKED_AT);
  const isShort = uid.length < LOOKED_AT && Buffer.byteLength(same) <= UID_BYTES;
  return {
    ...alert,
    uid: isShort ? same : `${plainly(rule, 100)}:#${hash('sha256', uid, 'base64url').slice(0, 22)}`,
    rule: plainly(rule, 100),
    title: plainly(title, LONGEST.name),
    key: plainly(key, LONGEST.key),
    reason: plainly(reason, LONGEST.reason),
    entity: Object.fromEntries(Object.entries(entity).map(([name, value]) => [name, plainly(value, LONGEST.name)])),
    attack: attack.slice(0, ATTACKS).map((each) => plainly(each, LONGEST.attack)),
    ...(measure === undefined
      ? {}
      : { measure: { name: plainly(measure.name, LONGEST.name), value: finite(measure.value), usual: finite(measure.usual), limit: finite(measure.limit) } }),
  };
} // prettier-ignore
