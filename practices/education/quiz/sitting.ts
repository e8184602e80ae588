/**
 * A sitting: one try at a quiz. Everything is decided of what is handed in: the store keeps the rows, gives random bytes,
 * and holds a lock of the person and the quiz while it asks, so that two requests are one after the other.
 */
import { drawQuestions, type DrawnQuestion } from './draw.ts';
import { gradeAnswers, type Grade } from './grade.ts';
import type { Quiz } from './quiz.ts';

export type Sitting = Readonly<{
  id: string;
  person: string;
  quiz: string;
  /** Of the quiz: an answer to another text is no answer to this one. */
  hash: string;
  seed: string;
  /** Questions of tries before, oldest first: with the seed they decide what is asked. */
  seen: readonly string[];
  asked: readonly string[];
  beganAt: Date;
  endsAt: Date;
  /** `open` until it is handed in, once. */
  verdict: 'open' | 'passed' | 'failed';
  gradedAt: Date | null;
}>;

export type Begun =
  | Readonly<{ ok: true; sitting: Sitting; questions: readonly DrawnQuestion[] }>
  /** Another one is not handed in yet. */
  | Readonly<{ ok: false; because: 'open'; sitting: Sitting }>
  | Readonly<{ ok: false; because: 'wait'; until: Date }>;

export type HandedIn =
  | Readonly<{ ok: true; sitting: Sitting; grade: Grade }>
  | Readonly<{ ok: false; because: 'used' | 'late' | 'early' | 'not yours' | 'other version' | 'malformed' }>;

const SITTING_MS = 60 * 60_000;
const TRIES = 3;
const WAIT_MS = 24 * 60 * 60_000;

type Asks = Readonly<{ id: string; person: string; seed: string; now: Date }>;

/** @param before all sittings of this person at this quiz, in any order */
export function beginSitting(quiz: Quiz, before: readonly Sitting[], { id, person, seed, now }: Asks): Begun {
  const mine = before
    .filter((each) => each.person === person && each.quiz === quiz.id)
    .toSorted((a, b) => a.beganAt.getTime() - b.beganAt.getTime());
  // a version that was replaced meanwhile can no longer be handed in, and keeps nobody waiting
  const open = mine.find((each) => each.verdict === 'open' && each.hash === quiz.hash && now < each.endsAt);
  if (open !== undefined) return { ok: false, because: 'open', sitting: open };
  const until = waitsUntil(mine);
  if (until !== null && now < until) return { ok: false, because: 'wait', until };
  const seen = mine.flatMap(({ asked }) => asked);
  const questions = drawQuestions(quiz, seed, seen);
  const sitting: Sitting = {
    id,
    person,
    quiz: quiz.id,
    hash: quiz.hash,
    seed,
    seen,
    asked: questions.map((each) => each.id),
    beganAt: now,
    endsAt: new Date(now.getTime() + SITTING_MS),
    verdict: 'open',
    gradedAt: null,
  };
  return { ok: true, sitting, questions };
}

/** After three tries since the last one that passed, a day. One that was left open is a try: its questions were seen. */
function waitsUntil(mine: readonly Sitting[]): Date | null {
  const since = mine.slice(mine.findLastIndex(({ verdict }) => verdict === 'passed') + 1);
  const last = since.at(-1);
  if (last === undefined || since.length % TRIES !== 0) return null;
  return new Date((last.gradedAt ?? last.endsAt).getTime() + WAIT_MS);
}

/**
 * Grades once. A clock that was stepped back below the beginning gives no more time, it refuses.
 * @returns the sitting as it is to be kept, or why it is left as it was
 */
export function handIn(quiz: Quiz, sitting: Sitting, { person, answers, now }: Readonly<{ person: string; answers: unknown; now: Date }>): HandedIn {
  if (sitting.person !== person) return { ok: false, because: 'not yours' };
  if (sitting.verdict !== 'open') return { ok: false, because: 'used' };
  if (sitting.quiz !== quiz.id || sitting.hash !== quiz.hash) return { ok: false, because: 'other version' };
  if (now < sitting.beganAt) return { ok: false, because: 'early' };
  if (now >= sitting.endsAt) return { ok: false, because: 'late' };
  const grade = gradeAnswers(quiz, sitting.seed, sitting.seen, answers);
  if (grade === null) return { ok: false, because: 'malformed' };
  return { ok: true, grade, sitting: { ...sitting, verdict: grade.passed ? 'passed' : 'failed', gradedAt: now } };
} // prettier-ignore
