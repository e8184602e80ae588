/** An incident's first line: what was reported, and when that was. */
import { randomBytes } from 'node:crypto';

import type { Tx } from '#platform/db';
import { toBase32, uuidv7, type Uuid } from '#platform/ids';

import type { By } from '../by.ts';
import { insertEvent, insertIncident } from '../store/incidents.ts';
import { incidentId, whoOf } from './changes.ts';
import type { Kind } from './playbook.ts';
import type { Words } from './words.ts';

/** INVARIANT: whoever makes an incident of what somebody else told has reported nothing, least of all what they did themselves. */
const NOBODY_KNOWN = 'intake';

export type ToBegin = Readonly<{
  what: string;
  kind: Kind;
  /** Not after it was reported. */
  happenedAt: Date;
  /** Clocks count from then, until somebody notes when it was known. */
  reportedAt: Date;
  now: Date;
  /** The report without a name that it comes of. */
  report?: string;
}>;

export async function beginIncident(
  tx: Tx,
  words: Words,
  by: By,
  { what, kind, happenedAt, reportedAt, now, report }: ToBegin,
): Promise<Readonly<{ id: string; uuid: Uuid; receipt: string }>> {
  const uuid = uuidv7(now.getTime());
  const receipt = `INC-${now.getUTCFullYear()}-${toBase32(randomBytes(5)).toUpperCase()}`;
  await insertIncident(tx, { incident_id: uuid, receipt, kind, severity: 'medium', phase: 'triage', owner: null, clocks: ['gdpr-33', 'gdpr-34'], version: 1, reported_at: reportedAt, last_at: now });
  await insertEvent(tx, { incident_id: uuid, seq: 1, kind: 'reported', happened_at: happenedAt, known_at: reportedAt, by: by.actor.id, who: report === undefined ? whoOf(by) : NOBODY_KNOWN, sealed: words.seal(uuid, 1, what), detail: { kind, ...(report === undefined ? {} : { report }) } });
  return { id: incidentId(uuid), uuid, receipt };
} // prettier-ignore
