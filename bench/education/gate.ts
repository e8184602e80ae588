/** Decisions about a person whose training is known, against the same of a key, of whom nothing is asked. */
import { decideWith, openEngine, starterDocument, type Actor, type Decision } from '#practices/access';

import { forAboutOnCore, ratioOf, spreadOf, takeTurns } from '../rounds.ts';
import { goal, type Bench, type Measured, type Row } from '../row.ts';

const NAMES = { key: 'a key: no training', open: 'a person, current', masked: 'a person in grace' } as const;

async function measure({ sizes, progress }: Bench): Promise<Measured> {
  const engine = openEngine(starterDocument());
  const key: Actor = { kind: 'service', id: 'key_1', name: 'a', role: 'support', scope: { purposes: [], classes: [], collections: [] }, expiresAt: null }; // prettier-ignore
  const person: Actor = { ...key, kind: 'staff', id: 'per_1', person: 'per_1' };
  const lacks = [{ kind: 'course', id: 'phishing', state: 'grace', url: '/v1/education/courses/phishing' }] as const;
  const actors: Readonly<Record<keyof typeof NAMES, Actor>> = {
    key,
    open: { ...person, training: { effect: 'open', lacks: [] } },
    masked: { ...person, training: { effect: 'masked', lacks } },
  };
  const kept: { decision: Decision | null } = { decision: null };
  const rates = await takeTurns(
    (Object.keys(NAMES) as (keyof typeof NAMES)[]).map((name) => ({
      name: NAMES[name],
      work: () =>
        forAboutOnCore(sizes.roundMs, () => {
          kept.decision = decideWith(engine, 'bench', { actor: actors[name], action: 'records.read', purpose: 'service.support' });
        }),
    })),
    { rounds: sizes.rounds, warmups: 2, onRound: (round, of) => progress(`round ${round} of ${of}`) },
  ); // prettier-ignore
  engine.close();
  const of = (name: keyof typeof NAMES): readonly number[] => rates[NAMES[name]];
  return {
    sides: Object.values(NAMES).map((name) => ({ name, unit: 'decisions/s', spread: spreadOf(rates[name]) })),
    goals: [
      goal('a person who is current, against a key', ratioOf(of('open'), of('key')), { atLeast: 0.8 }),
      goal('a person in grace, against a key', ratioOf(of('masked'), of('key')), { atLeast: 0.5 }),
    ],
  };
}

export const gate: Row = {
  name: 'decide-training',
  title: 'A decision with training in it',
  how: [
    'Remembered decisions of one engine, in turns on one core: of a key, of a person who is current, of one in grace.',
  ],
  measure,
};
