/** A violation as somebody sees it: the person all of their own, and nobody what another one chose before it is decided. */
import { publicId } from '#platform/ids';

import type { Effects, ViolationRow, WordKind, WordRow } from '../store/violations.ts';
import type { Words } from '../incidents/words.ts';
import { whyNotDecide } from './near.ts';
import { violationId } from './open.ts';
import type { Outcome, Rung } from './ladder.ts';
import { forgottenAt, type State, type Where } from './times.ts';

export type Part = 'person' | 'opener' | 'decides' | 'reads';
export type Said = Readonly<{ at: string; by: string; text: string | null }>;
export type Chosen = Said & Readonly<{ choice: string }>;
export type ViolationLine = Readonly<{ id: string; policy: string; title: string; state: State; openedAt: string; outcome: Outcome | null; part: Part; may: readonly May[] }>; // prettier-ignore
export type May = 'state' | 'vote' | 'appeal' | 'answer';
export type ViolationView = ViolationLine &
  Readonly<{
    person: string;
    /** Of the text that held. */
    hash: string;
    intent: boolean;
    /** What the ladder of the policy has for it, mild to grave. */
    rungs: readonly Rung[];
    touches: Rung;
    course: string | null;
    earlier: number;
    entry: Readonly<{ number: number; hash: string; at: string; says: string | null }>;
    about: readonly string[];
    opened: Said;
    statement: Said | null;
    statementUntil: string | null;
    /** How many have decided; what is seen only when it is over, or by who settles it. */
    decidedBy: number;
    votes: readonly Chosen[];
    own: string | null;
    choices: readonly Outcome[];
    decidedAt: string | null;
    /** In words: what follows, and whether it holds or waits. */
    follows: readonly string[];
    appealUntil: string | null;
    settleUntil: string | null;
    appeal: Said | null;
    answer: Chosen | null;
    /** What people who are named in it are called. */
    names: Readonly<Record<string, string>>;
    /** When nobody knows it any more; null: it is not over. */
    forgottenAt: string | null;
  }>;

export type Known = Readonly<{
  row: ViolationRow;
  said: readonly WordRow[];
  where: Where;
  who: string;
  part: Part;
  title: string;
}>;

export function mayIn({ row, said, where: { state }, who, part }: Omit<Known, 'title'>): readonly May[] {
  const hasVoted = said.some(({ kind }) => kind === 'vote');
  if (part === 'person')
    return [
      ...(row.stated_at === null && (state === 'hearing' || (state === 'review' && !hasVoted)) ? (['state'] as const) : []),
      ...(state === 'decided' ? (['appeal'] as const) : []),
    ];
  if (part !== 'decides' || whyNotDecide(row, said, who) !== null) return [];
  if (state === 'review' || state === 'settling') return ['vote'];
  return state === 'appealed' ? ['answer'] : [];
} // prettier-ignore

export function lineOf(known: Known): ViolationLine {
  const { row, where, part, title } = known;
  return { id: violationId(row.violation_id), policy: row.policy, title, state: where.state, openedAt: row.opened_at.toISOString(), outcome: row.outcome, part, may: mayIn(known) }; // prettier-ignore
}

type Looked = Readonly<{ rungs: readonly Rung[]; choices: readonly Outcome[]; earlier: number; says: string | null; words: Words }>; // prettier-ignore

export function viewOf(known: Known, { rungs, choices, earlier, says, words }: Looked): Omit<ViolationView, 'names'> {
  const { row, said, where, who, part } = known;
  const line = lineOf(known);
  const text = ({ violation_id, seq, sealed }: WordRow): string | null => (sealed === null ? null : words.open(violation_id, seq, sealed));
  const wordsOf = (kind: WordKind): WordRow[] => said.filter((each) => each.kind === kind);
  const saidOf = (each: WordRow): Said => ({ at: each.at.toISOString(), by: each.who, text: text(each) });
  const chosen = (each: WordRow): Chosen => ({ ...saidOf(each), choice: each.choice ?? '' });
  const [opened] = wordsOf('opened');
  const [statement, appeal, answer] = [wordsOf('statement')[0], wordsOf('appeal')[0], wordsOf('answer')[0]];
  const votes = wordsOf('vote');
  const settles = where.state === 'settling' && line.may.includes('vote');
  return {
    ...line, person: publicId('per', row.person_id), hash: row.policy_hash, intent: row.intent, rungs, touches: row.rung, course: row.course, earlier,
    entry: { number: Number(row.entry), hash: row.entry_hash.toString('base64url'), at: row.event_at.toISOString(), says },
    about: [...row.about],
    opened: opened === undefined ? { at: row.opened_at.toISOString(), by: row.opened_by, text: null } : saidOf(opened),
    statement: statement === undefined ? null : saidOf(statement), statementUntil: textOf(where.statementUntil),
    decidedBy: votes.length, votes: row.outcome !== null || settles ? votes.map(chosen) : [],
    own: said.find((each) => each.choice !== null && each.who === who)?.choice ?? null,
    choices: line.may.includes('vote') ? choices : [],
    decidedAt: textOf(row.decided_at), follows: part === 'reads' || row.outcome !== null ? followsOf(row, where) : [],
    appealUntil: textOf(where.appealUntil), settleUntil: textOf(where.settleUntil),
    appeal: appeal === undefined ? null : saidOf(appeal), answer: answer === undefined ? null : chosen(answer),
    forgottenAt: where.state === 'closed' ? textOf(forgottenAt(row)) : null,
  };
} // prettier-ignore

const textOf = (at: Date | null): string | null => at?.toISOString() ?? null;

/** What the program did holds from the decision on, since it protects customers; what people do waits for the appeal. */
function followsOf(row: ViolationRow, { state }: Where): readonly string[] {
  const effects: Effects = row.effects ?? {};
  if (row.outcome === null) return [];
  if (row.outcome === 'none') return ['Nothing follows, and it counts for nothing.'];
  if (row.appeal === 'granted')
    return ['The decision does not hold: it counts for nothing, and what it had done was undone as far as it can be.'];
  const waits = state === 'decided' || state === 'appealed';
  const roles = effects.roles === undefined ? [] : [...effects.roles.own, ...effects.roles.group];
  const says: Readonly<Record<Rung, string>> = {
    coaching: waits ? 'A talk: it waits until there is nothing to appeal any more.' : 'A talk, which people hold.',
    'course-again': `The course ${row.course ?? ''} has to be passed anew; until then its roles see no customer. An appeal does not put that off.`,
    'access-removal': `Access has ended${roles.length === 0 ? '' : ` (${roles.join(', ')})`}, with sessions, keys and what was held for a time. An appeal does not put that off.`,
    'hr-referral': waits
      ? 'Referral to human resources: it waits until there is nothing to appeal any more.'
      : 'Referral to human resources, who decide under labour law.',
  };
  return [says[row.outcome]];
}
