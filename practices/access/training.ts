/**
 * What a role asks of the people in it, and what a person who did not do it may: on customers' data nothing, or masked reads.
 *
 * INVARIANT: like a key's own scope, it only ever narrows what policies allow, whatever they say. Keys and parts of the
 * system are no people: nothing is asked of them, and a role that is for programs alone opens no customer to a person.
 */
import type { SubjectId } from '#platform/ids';

import { DATA_ACTIONS, type Action } from './actions.ts';
import type { Actor } from './decide.ts';
import type { Facts } from './facts.ts';
import { rolesOf, type PolicyDocument } from './policy-document.ts';

/** Ids of courses, policies and drills of the education practice; of the role, with those that it includes. */
export type Requires = Readonly<{ courses: readonly string[]; policies: readonly string[]; drills?: readonly string[] }>; // prettier-ignore
export type Asked = 'nothing' | 'programs' | Requires;

export type Lack = Readonly<{ kind: 'course' | 'policy' | 'drill'; id: string; state: string; url: string }>;
export type Training = Readonly<{
  /** As the role says; masked, without export and new grants; nothing of any customer. */
  effect: 'open' | 'masked' | 'denied';
  /** What to do, so that it is open again. */
  lacks: readonly Lack[];
  /** Leave was noted that covers now. */
  away?: true;
  /** Made-up customers of the exercise that they have begun (docs/adr/0026-exercises-open-their-own-customers.md). */
  exercise?: ReadonlySet<SubjectId>;
}>;

/** Beside those on customers' data: what brings some of it out, or will. */
const BRINGS_OUT: readonly Action[] = [
  'grants.request',
  'exports.run',
  'rights.read',
  'rights.decide',
  'rights.assert',
  'consents.read',
];
const TRAINED: ReadonlySet<Action> = new Set([...DATA_ACTIONS, ...BRINGS_OUT, 'consents.record']);
/** What takes more than looking: not in the days of grace. */
const TAKES_OUT: ReadonlySet<Action> = new Set(['records.export', 'tokens.open', 'grants.request', 'exports.run']);

/** What an exercise is done by. Nothing is written, erased or exported in one, of nobody. */
const EXERCISED: ReadonlySet<Action> = new Set([
  'records.read',
  'records.search',
  'subjects.find',
  'grants.request',
  'rights.read',
  'rights.decide',
]);
/** Asked about nobody at first. Whoever asks so keeps to `within` of the decision. */
const ASKED_OPENLY: ReadonlySet<Action> = new Set(['records.search', 'grants.request', 'rights.read', 'rights.decide']);

const OPEN: Training = { effect: 'open', lacks: [] };
const SHUT: Training = { effect: 'denied', lacks: [] };

/** Who signs in; a key that a person made is none. */
export const isPerson = ({ id, person }: Pick<Actor, 'id' | 'person'>): boolean =>
  person !== undefined && person === id;

export function askedOf(document: PolicyDocument, role: string): Asked {
  const roles = rolesOf(document, role).map((name) => document.roles[name]);
  if (roles.some((each) => each?.programs === true)) return 'programs';
  const required = roles.flatMap((each) => each?.requires ?? []);
  if (required.length === 0) return 'nothing';
  const all = (what: keyof Requires): string[] => [...new Set(required.flatMap((each) => each[what] ?? []))].toSorted();
  const drills = all('drills');
  return { courses: all('courses'), policies: all('policies'), ...(drills.length === 0 ? {} : { drills }) };
}

/** Of whom nobody said how they stand, and whose role asks for something, it is taken that they lack it. */
export function trainingOf(actor: Actor, asked: Asked): Training {
  if (!isPerson(actor)) return OPEN;
  if (asked === 'programs') return SHUT;
  return actor.training ?? (asked === 'nothing' ? OPEN : SHUT);
}

/** The log has it under this name where only an exercise let somebody in. */
export const BY_EXERCISE = 'exercise';
export type InExercise = Readonly<{ training: Training; within: ReadonlySet<SubjectId> }>;

/**
 * As if all were passed, and for the customers of one's own exercise alone.
 *
 * @returns null where an exercise changes nothing
 * INVARIANT: about anybody else the answer is as without an exercise; a question about nobody is answered for those customers.
 */
export function inExercise(
  training: Training,
  { action, subject }: Readonly<{ action: Action; subject?: SubjectId | undefined }>,
): InExercise | null {
  const { effect, exercise } = training;
  if (exercise === undefined || effect === 'open' || !EXERCISED.has(action)) return null;
  const opens = subject === undefined ? ASKED_OPENLY.has(action) && isShut(training, action) : exercise.has(subject);
  return opens ? { training: OPEN, within: exercise } : null;
}

/** What policies see of it. */
export const trainingFact = ({ effect }: Training): Facts['training'] =>
  effect === 'open' ? 'current' : effect === 'masked' ? 'grace' : 'lapsed';

export const isShut = ({ effect }: Training, action: Action): boolean =>
  effect === 'denied' ? TRAINED.has(action) : effect === 'masked' && TAKES_OUT.has(action);

const DOES = { course: 'pass the course', policy: 'sign the policy', drill: 'take the drill' } as const;

/** In words, naming the very lesson, policy or drill. */
export function whyShut({ effect, lacks, away }: Training, asked: Asked): string {
  if (asked === 'programs') return 'this role is for programs: a person in it sees no customer';
  if (away === true) return 'it is noted that you are away: who keeps the training notes that you are back';
  const [first] = lacks;
  if (first === undefined) return 'it is not known that what this role asks for was done';
  const more = lacks.length > 1 ? ` and ${lacks.length - 1} more` : '';
  const does = `${DOES[first.kind]} ${first.id}`;
  return effect === 'masked' ? `its time is over: ${does}${more} first` : `${does}${more} first: this role asks for it`;
}
