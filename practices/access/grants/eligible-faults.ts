/** What a role may be eligible for: limits that no document goes beyond. */
import type { DocumentFault } from '../check-document.ts';
import type { Eligible } from '../policy-document.ts';
import type { GrantKind } from './scope.ts';

/** Longest grant, in minutes. */
export const MOST_MINUTES: Readonly<Record<GrantKind, number>> = { jit: 480, breakGlass: 60 };
/** Most reads of one grant. */
export const MOST_READS = 10_000;
const MOST_NEEDED = 5;
/** Who must be among the approvers of special categories (GDPR art. 9). */
export const SPECIAL_APPROVER = 'dpo';
export const SPECIAL_NEEDED = 2;

export function eligibleFaults(
  role: string,
  kind: GrantKind,
  eligible: Eligible | undefined,
  roles: ReadonlySet<string>,
): DocumentFault[] {
  if (eligible === undefined) return [];
  const { clearUpTo, maxMinutes, maxReads, approvers, needed } = eligible;
  const faults: DocumentFault[] = [];
  const must = (holds: boolean, says: string, hint: string): void => {
    if (!holds) faults.push({ at: role, says: `${kind}: ${says}`, hint });
  };
  const within = (value: number, from: number, to: number): boolean =>
    Number.isInteger(value) && value >= from && value <= to;

  must(within(maxMinutes, 1, MOST_MINUTES[kind]), 'it would last too long', `at most ${MOST_MINUTES[kind]} minutes`);
  must(within(maxReads, 1, MOST_READS), 'this is no number of reads', `1 to ${MOST_READS}`);
  must(approvers.length > 0, 'nobody could approve it', 'name a role in `approvers`');
  for (const each of approvers)
    must(roles.has(each), `its approver ${each} is no role`, 'declare it, or take it out of `approvers`');
  if (kind === 'breakGlass') {
    must(needed === 0, 'broken glass waits for nobody', 'needed is 0; its approvers look at it afterwards');
    must(clearUpTo !== 'special', 'it is never for special data', 'let `clearUpTo` be sensitive at most');
    return faults;
  }
  must(within(needed, 1, MOST_NEEDED), 'this is no number of approvers', `needed is 1 to ${MOST_NEEDED}`);
  must(
    clearUpTo !== 'special' || (needed >= SPECIAL_NEEDED && approvers.includes(SPECIAL_APPROVER)),
    'special data needs two approvers, one of them the dpo',
    'let `needed` be 2 or more, and the dpo be among `approvers`',
  );
  return faults;
}
