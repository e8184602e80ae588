/** Decisions that were made before, against other people's engines, which make each one anew. */
import { decideWith, openEngine, starterDocument, type Decision } from '#practices/access';

import { forAboutOnCore, ratioOf, spreadOf, takeTurns, type Contender } from '../rounds.ts';
import { goal, type Bench, type Goal, type Measured, type Missing, type Row } from '../row.ts';
import { cedarAlone } from './cedar-alone.ts';
import { casbin, casl, type Decider } from './peers.ts';
import { questions, type Question } from './questions.ts';
import { shippedRules } from './rules.ts';

const OURS = 'strongroom, remembered';
const WHOLE = 'strongroom, remembered, with every field';
const CEDAR = 'cedar-wasm alone';
/** Asked in turn: more than any one engine's inline caches could learn by heart. */
const QUESTIONS = 10_000;
const A_SECOND = 500_000;
const BOUNDS: Readonly<Record<string, number>> = {
  // the design's half a million against the 2,400 a second it measured for cedar-wasm
  [CEDAR]: A_SECOND / 2400,
  // CASL has one rule to look at where a remembered decision carries its policies and obligations
  CASL: 0.2,
};

async function measure({ sizes, peers, progress }: Bench): Promise<Measured> {
  const missing: Missing[] = [];
  const asked = questions();
  const stream = Array.from({ length: QUESTIONS }, asked.next);
  const engine = openEngine(starterDocument());
  // a decision outlives the call that made it, as it does in the vault: one that nobody keeps costs half
  const kept: { decision: Decision | null } = { decision: null };
  const ours: Decider = {
    name: OURS,
    allows: (question) => (kept.decision = decideWith(engine, 'bench', question)).allow,
  };
  const rules = shippedRules(asked, ours.allows);
  const others: Decider[] = [
    { name: CEDAR, allows: cedarAlone() },
    ...casl(peers, missing, rules),
    ...(await casbin(peers, missing, rules)),
  ];
  agree([ours, ...others], [...stream.slice(0, 1000), ...Array.from({ length: 500 }, asked.any)]);
  for (const question of stream) wholeRecord(engine, question);

  const inTurn = (name: string, once: (question: Question) => unknown): Contender<string> => {
    let at = 0;
    return {
      name,
      work: () =>
        forAboutOnCore(sizes.roundMs, () => {
          once(stream[at] as Question);
          at = (at + 1) % QUESTIONS;
        }),
    };
  };
  const rates = await takeTurns(
    [
      ...[ours, ...others].map(({ name, allows }) => inTurn(name, allows)),
      inTurn(WHOLE, (question) => wholeRecord(engine, question)),
    ],
    { rounds: sizes.rounds, warmups: 2, onRound: (round, of) => progress(`round ${round} of ${of}`) },
  );
  engine.close();
  const mine = rates[OURS] as readonly number[];
  const goals: Goal[] = [
    goal(`of ${A_SECOND.toLocaleString('en')} decisions a second on a core`, spreadOf(mine.map((rate) => rate / A_SECOND)), { atLeast: 1 }),
    ...others.map(({ name }) => {
      const bound = BOUNDS[name];
      return goal(`times ${name}`, ratioOf(mine, rates[name] as readonly number[]), bound === undefined ? null : { atLeast: bound });
    }),
  ]; // prettier-ignore
  return {
    sides: Object.entries(rates).map(([name, values]) => ({
      name,
      unit: 'decisions a second',
      spread: spreadOf(values),
    })),
    goals,
    missing,
  };
}

/** A read as the vault decides it: the request, then each field of the collection. */
function wholeRecord(engine: ReturnType<typeof openEngine>, question: Question): number {
  const decision = decideWith(engine, 'bench', question);
  let leaving = 0;
  for (const spec of question.collection.fields.values()) if (decision.field(spec) !== 'denied') leaving += 1;
  return leaving;
}

/** Who answers otherwise is not measured but wrong. */
function agree(deciders: readonly Decider[], some: readonly Question[]): void {
  const [first, ...others] = deciders as readonly [Decider, ...Decider[]];
  for (const question of some)
    for (const other of others)
      if (other.allows(question) !== first.allows(question))
        throw new Error(`${other.name} and ${first.name} differ on ${question.actor.role}, ${question.action}, ${question.purpose}`);
} // prettier-ignore

export const decide: Row = {
  name: 'decide',
  title: 'A decision that was made before',
  how: [
    `One thread, on the clock of its own CPU time; ${QUESTIONS.toLocaleString('en')} questions of a mixed load in turn: six roles at their own work, one subject in 50 restricted, one question in 10,000 somebody's mistake. All contenders were checked to answer the same first.`,
    'Ours: the shipped 30 policies, remembered under every fact, with policies and obligations at hand. With every field: the request, then the class and declared purposes of each field of the collection.',
    'cedar-wasm alone: the same policies parsed ahead, one call with every fact for each question. CASL: an ability for each role made ahead, conditions on purpose and restriction. casbin: enforceSync with a matcher over the same rules.',
  ],
  measure,
};
