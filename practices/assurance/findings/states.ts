/**
 * Where a finding may go by hand. What tests and tools see moves it besides: sightings.ts.
 *
 * INVARIANT: nobody closes by hand what a control test found. Such a finding ends when the test passes, and is lived with,
 * for a time, where two people say so; a test that is wrong is mended.
 */
import type { FindingState } from '../types.ts';

export const MOVES = [
  'triage',
  'start',
  'ready',
  'fixed',
  'not-affected',
  'false-positive',
  'duplicate',
  'reopen',
] as const;
export type Move = (typeof MOVES)[number];

/** An anchor: versions of which something was said. A part may be here in several. */
export const versionsIn = (anchor: string | null): readonly string[] => (anchor === null ? [] : anchor.split(', '));
export const anchorOf = (versions: readonly string[]): string | null =>
  versions.length === 0 ? null : [...new Set(versions)].join(', ');

export const OPEN: readonly FindingState[] = ['new', 'triaged', 'in progress', 'ready for retest'];

const TO: Readonly<Record<Move, FindingState>> = {
  triage: 'triaged',
  start: 'in progress',
  ready: 'ready for retest',
  fixed: 'verified fixed',
  'not-affected': 'not affected',
  'false-positive': 'false positive',
  duplicate: 'duplicate',
  reopen: 'triaged',
};
const FROM: Readonly<Record<Move, readonly FindingState[]>> = {
  triage: ['new'],
  start: ['new', 'triaged', 'ready for retest'],
  ready: ['new', 'triaged', 'in progress'],
  fixed: ['ready for retest'],
  'not-affected': OPEN,
  'false-positive': OPEN,
  duplicate: OPEN,
  reopen: ['accepted', 'not affected', 'false positive', 'duplicate'],
};
const NEVER_OF_TESTS: ReadonlySet<Move> = new Set(['fixed', 'not-affected', 'false-positive', 'duplicate']);

type Moved = Readonly<{ state: FindingState; test_id: string | null }>;

/** @returns null where it may not go there from where it is */
export function movedTo({ state, test_id }: Moved, move: Move): FindingState | null {
  if (test_id !== null && NEVER_OF_TESTS.has(move)) return null;
  return FROM[move].includes(state) ? TO[move] : null;
}

export type Can = Move | 'accept' | 'approve' | 'judge';

/** What somebody who may do all of it can do now. */
export function canOf(finding: Moved, isProposed: boolean): Can[] {
  const moves: Can[] = MOVES.filter((move) => movedTo(finding, move) !== null);
  const isOpen = OPEN.includes(finding.state);
  return [
    ...moves,
    ...(isOpen ? (['accept', 'judge'] as const) : []),
    ...(isOpen && isProposed ? (['approve'] as const) : []),
  ];
}

/** Why a part is said not to be affected: the words of VEX, as CISA lists them. */
export const JUSTIFICATIONS = [
  'component_not_present',
  'vulnerable_code_not_present',
  'vulnerable_code_not_in_execute_path',
  'vulnerable_code_cannot_be_controlled_by_adversary',
  'inline_mitigations_already_exist',
] as const;
export type Justification = (typeof JUSTIFICATIONS)[number];
