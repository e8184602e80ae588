/** Whether a role may ask for exactly this. */
import { parseSubjectId } from '#platform/ids';
import type { Catalog, DataClass } from '#practices/collection';

import { DATA_CLASSES, upTo } from '../classes.ts';
import { covers } from '../facts.ts';
import { accessFailure } from '../failures.ts';
import type { Eligible, PolicyDocument } from '../policy-document.ts';
import { SPECIAL_NEEDED } from './eligible-faults.ts';
import type { GrantKind, GrantScope } from './scope.ts';

export type GrantAsk = Readonly<{
  purpose: string;
  classes: readonly DataClass[];
  subjects: readonly string[];
  case?: string | undefined;
  reads?: number | undefined;
  seconds?: number | undefined;
  reason: string;
  /** A grant of one's own that this one goes on from. */
  extends?: string | undefined;
}>;

const DEFAULT_READS = 10;
const DEFAULT_SECONDS = 3600;
/** More customers at a time are no exception any more. */
export const MOST_SUBJECTS = 20;

/** @throws ACCESS_NOT_ELIGIBLE */
export function eligibleFor(document: PolicyDocument, role: string, kind: GrantKind): Eligible {
  const eligible = document.roles[role]?.grants?.[kind];
  if (eligible === undefined)
    throw accessFailure('NOT_ELIGIBLE', { detail: `the role ${role} may not ask for a grant of the kind ${kind}` });
  return eligible;
}

/** @returns what is asked for, whole @throws ACCESS_REQUEST_INVALID, ACCESS_NOT_ELIGIBLE */
export function checkAsk(ask: GrantAsk, eligible: Eligible, catalog: Catalog): GrantScope {
  const { purpose, classes, subjects } = ask;
  const { reads = Math.min(DEFAULT_READS, eligible.maxReads) } = ask;
  const { seconds = Math.min(DEFAULT_SECONDS, eligible.maxMinutes * 60) } = ask;
  const must = (holds: boolean, detail: string): void => {
    if (!holds) throw accessFailure('REQUEST_INVALID', { detail });
  };
  must(catalog.purposes.has(purpose), 'the catalogue has no such purpose');
  must(classes.length > 0 && classes.every((each) => DATA_CLASSES.includes(each)), 'no class is named');
  must(subjects.length > 0 && subjects.length <= MOST_SUBJECTS, `it is about 1 to ${MOST_SUBJECTS} subjects`);
  must(
    subjects.every((each) => parseSubjectId(each) !== null),
    'something among the subjects is no id of a subject',
  );
  must(ask.reason.trim().length > 0, 'a reason is needed');
  must(Number.isInteger(reads) && reads > 0 && seconds > 0, 'reads and time are more than 0');

  const may = (holds: boolean, detail: string): void => {
    if (!holds) throw accessFailure('NOT_ELIGIBLE', { detail });
  };
  may(
    eligible.purposes.some((wide) => covers(wide, purpose)),
    `the role may not ask for ${purpose}`,
  );
  may(
    classes.every((each) => upTo(eligible.clearUpTo, each)),
    `the role may ask for classes up to ${eligible.clearUpTo}`,
  );
  may(seconds <= eligible.maxMinutes * 60, `the role may ask for at most ${eligible.maxMinutes} minutes`);
  may(reads <= eligible.maxReads, `the role may ask for at most ${eligible.maxReads} reads`);
  return { purpose, classes, subjects, case: ask.case ?? null, reads, seconds };
}

export const neededFor = (eligible: Eligible, classes: readonly DataClass[]): number =>
  classes.includes('special') ? Math.max(eligible.needed, SPECIAL_NEEDED) : eligible.needed;
