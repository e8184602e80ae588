/**
 * Requests of customers as a machine: in which state what may happen, and which state comes of it. This table is all there
 * is: what stands nowhere in it is refused, and changes nothing (states.test.ts walks every pair).
 */
export const STATES = [
  'received',
  'review',
  'extended',
  'waiting',
  'appealed',
  'fulfilled',
  'partly',
  'refused',
  'withdrawn',
  'duplicate',
] as const;
export type RequestState = (typeof STATES)[number];

/** What happens to a request, and how that step is named beside it. */
export const STEPS = {
  add: 'added',
  copy: 'copied',
  incomplete: 'incomplete',
  agree: 'first eyes',
  prove: 'proved',
  extend: 'extended',
  clarify: 'asked back',
  explain: 'explained',
  resume: 'went on',
  fulfil: 'fulfilled',
  part: 'partly',
  refuse: 'refused',
  link: 'link sent',
  withdraw: 'withdrawn',
  stand: 'withdrawn',
  appeal: 'appealed',
} as const;
export type RequestEvent = keyof typeof STEPS;
export const EVENTS = Object.keys(STEPS) as readonly RequestEvent[];

type Moves = Readonly<Partial<Record<RequestEvent, RequestState>>>;
const ANSWERS = { fulfil: 'fulfilled', part: 'partly', refuse: 'refused' } as const satisfies Moves;

export const MOVES: Readonly<Record<RequestState, Moves>> = {
  received: { ...ANSWERS, add: 'received', prove: 'received', copy: 'received', incomplete: 'review', agree: 'review', extend: 'extended', clarify: 'waiting', withdraw: 'withdrawn' },
  review: { ...ANSWERS, add: 'review', prove: 'review', copy: 'review', incomplete: 'review', agree: 'review', extend: 'extended', clarify: 'waiting', withdraw: 'withdrawn' },
  extended: { ...ANSWERS, add: 'extended', prove: 'extended', copy: 'extended', incomplete: 'review', agree: 'review', clarify: 'waiting', withdraw: 'withdrawn' },
  // for the customer to say something; it is answered without it too
  waiting: { ...ANSWERS, add: 'waiting', prove: 'waiting', copy: 'waiting', incomplete: 'waiting', explain: 'review', resume: 'review', withdraw: 'withdrawn' },
  // taking that back leaves what it was against: a no, or a part
  appealed: { ...ANSWERS, add: 'appealed', prove: 'appealed', copy: 'appealed', incomplete: 'appealed', agree: 'appealed', extend: 'appealed', withdraw: 'refused', stand: 'partly' },
  // what was carried out is not undone
  fulfilled: { copy: 'fulfilled', link: 'fulfilled' },
  partly: { copy: 'partly', appeal: 'appealed' },
  refused: { appeal: 'appealed' },
  withdrawn: {},
  duplicate: {},
}; // prettier-ignore

const CLOSED: ReadonlySet<RequestState> = new Set(['fulfilled', 'partly', 'refused', 'withdrawn', 'duplicate']);
export const isClosed = (state: RequestState): boolean => CLOSED.has(state);
/** @returns null where this cannot happen */
export const nextState = (state: RequestState, event: RequestEvent): RequestState | null => MOVES[state][event] ?? null;
