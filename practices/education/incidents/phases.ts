/** How an incident goes: which phase may follow which, and what has to be there before. Back is always to new facts. */
export const PHASES = ['triage', 'contain', 'scope', 'decide', 'notify', 'recover', 'learn', 'closed'] as const;
export type Phase = (typeof PHASES)[number];

/** What has to be so: told to who tries without it. */
export const NEEDED = {
  reason: 'words that say why',
  scope: 'a scope that was asked of the log, or words that say why none can be',
  decided: 'a decision for each clock of an authority or of the people concerned that runs',
  nobody: 'no decision to notify',
  told: 'a notification for each decision to notify, noted with its time',
} as const;
export type Needed = keyof typeof NEEDED;

type Move = Readonly<{ from: Phase; to: Phase; needs: readonly Needed[] }>;
const move = (from: Phase, to: Phase, ...needs: readonly Needed[]): Move => ({ from, to, needs });

export const MOVES: readonly Move[] = [
  move('triage', 'contain'),
  // a false alarm
  move('triage', 'closed', 'reason'),
  move('contain', 'scope'),
  move('scope', 'decide', 'scope'),
  move('decide', 'notify', 'decided'),
  move('decide', 'recover', 'decided', 'nobody'),
  move('notify', 'recover', 'told'),
  move('recover', 'learn'),
  move('learn', 'closed', 'reason', 'decided', 'told'),
  ...(['scope', 'decide', 'notify', 'recover', 'learn'] as const).map((from) => move(from, 'contain')),
  ...(['decide', 'notify', 'recover', 'learn'] as const).map((from) => move(from, 'scope')),
  move('notify', 'decide'),
  // what turns up later
  move('closed', 'scope', 'reason'),
];

export const movesFrom = (phase: Phase): readonly Move[] => MOVES.filter(({ from }) => from === phase);
