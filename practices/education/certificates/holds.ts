/** Whether a certificate holds: the same rules by which access is decided, asked of this one pass or signature alone. */
import { asFact } from '../standing/duties.ts';
import { standingOf, USUAL_RULES } from '../standing/standing.ts';
import type { Zone } from '../standing/zone.ts';
import type { DutyKind } from '../store/duties.ts';
import { versionsOfDuty, type Library } from '../texts/library.ts';

export type CertificateState = 'valid' | 'revoked' | 'expired';
/** What was passed or signed, and which version of it. */
type Paper = Readonly<{ kind: DutyKind; text_id: string; hash: string; at: Date }>;
export type Held = Readonly<{ state: CertificateState; until: Date | null }>;

/** Leave stops a clock of access, and none of a paper: a day that was printed stays the day. */
export function holds(row: Paper, revokedAt: readonly Date[], library: Library, zone: Zone, now: Date): Held {
  const { state, dueAt } = standingOf(
    {
      assigned: { at: row.at, role: 'had' },
      versions: versionsOfDuty(library, row.kind, row.text_id).map(asFact),
      done: [{ version: row.hash, at: row.at }],
      revokedAt,
      exempt: [],
      absent: [],
      graceExtended: false,
    },
    row.kind === 'policy' ? { ...USUAL_RULES, validityDays: null } : USUAL_RULES,
    zone,
    now,
  );
  if (state === 'revoked') return { state, until: null };
  return { state: state === 'passed' || state === 'due' ? 'valid' : 'expired', until: dueAt };
}
