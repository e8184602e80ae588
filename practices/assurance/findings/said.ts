/**
 * What was said in VEX holds for what is found later: who is found in a version of which it was said is not affected from its
 * first moment on, in the transaction in which it is found.
 *
 * INVARIANT: one finding stands for all versions of a part that are here. It is set aside only where something was said of each of
 * them; and what somebody opened again, by hand or by a newer statement, is not set aside by an older one.
 */
import type { Audit } from '#platform/audit';
import type { Tx } from '#platform/db';

import { namesOf } from '../store/feeds.ts';
import { lockFinding, type FindingRow } from '../store/findings.ts';
import { saidOf, type SaidRow } from '../store/said.ts';
import type { Sighting } from './sightings.ts';
import { anchorOf, versionsIn } from './states.ts';
import { moveBySystem, type TakenIn } from './take-in.ts';

export type Seen = Readonly<{ sighting: Sighting; taken: TakenIn }>;
type How = Readonly<{ audit: Pick<Audit, 'appendIn'>; at: Date }>;

/** What opens a finding, or opens it again; what is merely seen again stays where somebody put it. */
const ANEW: ReadonlySet<TakenIn['what']> = new Set(['opened', 'reopened']);
const REASON_LENGTH = 2000;

/** @param here all that is seen now, of each version that is here */
export async function holdWhatWasSaid(how: How, tx: Tx, seen: readonly Seen[], here: readonly Sighting[]): Promise<void> {
  const anew = new Map(seen.filter(({ taken }) => ANEW.has(taken.what)).map((each) => [each.sighting.fingerprint, each]));
  for (const { sighting, taken } of anew.values()) {
    if (sighting.version === null || sighting.testId !== null) continue;
    const versions = here.flatMap(({ fingerprint, version }) => (fingerprint === sighting.fingerprint ? (version ?? []) : []));
    const said = await saidOf(tx, { place: sighting.place, names: await namesOf(tx, [sighting.rule]) });
    if (said.size === 0) continue;
    const row = await lockFinding(tx, taken.id);
    const step = row === null ? null : stepOf(row, versions, said);
    if (row !== null && step !== null)
      await moveBySystem(how, tx, row, step.to, { what: 'vex', note: step.note.slice(0, REASON_LENGTH), changed: step.changed });
  }
} // prettier-ignore

type Step = Readonly<{ to: FindingRow['state']; note: string; changed: Partial<FindingRow> }>;

function stepOf(row: FindingRow, versions: readonly string[], said: ReadonlyMap<string, SaidRow>): Step | null {
  // what was said of a version by hand stands in its anchor
  const anchored = new Set(versionsIn(row.anchor));
  const statusOf = (version: string): SaidRow['status'] | undefined =>
    said.get(version)?.status ?? (anchored.has(version) ? 'not affected' : undefined);
  const statuses = versions.map(statusOf);
  const reasons = [...new Set(versions.flatMap((version) => said.get(version)?.reason || []))].join('; ');
  const who = [...new Set(versions.flatMap((version) => said.get(version)?.taken_by ?? []))].join(', ');
  const note = `said${who === '' ? '' : ` by ${who}`} before it was found: ${reasons === '' ? statuses.join(', ') : reasons}`;
  if (statuses.every((status) => status === 'not affected'))
    return { to: 'not affected', note, changed: { anchor: anchorOf([...anchored, ...versions]), reason: reasons.slice(0, REASON_LENGTH) } };
  if (statuses.every((status) => status === 'not affected' || status === 'fixed')) return { to: 'ready for retest', note, changed: {} };
  return null;
} // prettier-ignore
