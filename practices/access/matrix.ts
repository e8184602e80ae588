/**
 * Every decision there is: for each role, purpose and action, under all values of the facts that some policy looks at,
 * and for actions after which fields leave, of each class. Facts that no policy looks at cannot change a decision.
 */
import type { DataClass } from '#practices/collection';

import { ACTIONS, FIELD_ACTIONS, READING_ACTIONS, DATA_ACTIONS, type Action } from './actions.ts';
import { DATA_CLASSES } from './classes.ts';
import type { Engine, FieldState } from './engine.ts';
import { CHOSEN_FACTS, FACT_VALUES, NOTHING, UNKNOWN, YES_NO_FACTS, type Facts } from './facts.ts';
import { accessFailure } from './failures.ts';
import { ALL_FACTS } from './looked-at.ts';
import { levelsOf, type ProofAge } from './proof-ages.ts';

export type Cell = Readonly<{
  role: string;
  action: Action;
  purpose: string;
  /** Facts that some policy looks at, and their values here; `declared` with classes. */
  facts: Readonly<Record<string, string | boolean>>;
  /** Null: the request as a whole. */
  dataClass: DataClass | null;
  /** `allowed` and `denied` of a request, `clear`, `masked`, `denied` of a class. */
  outcome: 'allowed' | FieldState;
}>;
export type Matrix = Readonly<{
  cells: ReadonlyMap<string, Cell>;
  /** Policies that decided nothing anywhere; a forbid decides where something else permits. */
  idle: readonly string[];
  /** Policies that could not be evaluated somewhere. */
  failing: readonly string[];
}>;
export type MatrixNames = Readonly<{ purposes: readonly string[]; collections: readonly string[] }>;

/** What nothing permits: most of the matrix. */
const NO = { allow: false, reasons: [], errors: [] } as const;
/** More questions than this are not asked: policies that look at so many facts have to be split. */
const MOST_QUESTIONS = 400_000;

export type Looked = Readonly<{
  /** `role action` → facts that policies look at when it is asked. */
  facts: ReadonlyMap<string, ReadonlySet<string>>;
  /** Values of `mfa` that they tell apart. */
  mfa: readonly ProofAge[];
}>;

/** Facts looked at by one of these documents, in the order of FACT_VALUES so that there is one spelling. */
export function factsLookedAt(...engines: readonly Engine[]): Looked {
  const roles = new Set(engines.flatMap(({ document }) => Object.keys(document.roles)));
  const pairs = [...roles].flatMap((role) => ACTIONS.map((action) => [role, action] as const));
  const ages = [...new Set(engines.flatMap(({ proofAges }) => proofAges))].toSorted((a, b) => a - b);
  const looked = new Map(
    pairs.map(([role, action]) => {
      const facts = new Set(engines.flatMap((engine) => engine.looksAt(role, action)));
      return [`${role} ${action}`, new Set(ALL_FACTS.filter((fact) => facts.has(fact)))];
    }),
  );
  return { facts: looked, mfa: levelsOf(ages) };
}

/** A part of the matrix. */
export type Within = Readonly<{
  actions: readonly Action[];
  /** Facts that have one value throughout. */
  facts: Readonly<Record<string, string | boolean>>;
}>;
const EVERYWHERE: Within = { actions: ACTIONS, facts: {} };

/** As it is every day: what shows fields, without a grant, without a restriction, of fields declared for the purpose. */
export const EVERY_DAY: Within = {
  actions: READING_ACTIONS,
  facts: { grant: 'none', restricted: false, declared: true },
};

/**
 * @param over facts to walk through; at least those that its policies look at
 * @param within `idle` and `failing` are of this part alone
 * @throws ACCESS_MATRIX_TOO_LARGE
 */
export async function enumerate(
  engine: Engine,
  names: MatrixNames,
  over: Looked = factsLookedAt(engine),
  within: Within = EVERYWHERE,
): Promise<Matrix> {
  const policies = Object.keys(engine.document.policies);
  const roles = Object.keys(engine.document.roles);
  const settingsOf = (role: string, action: Action): Setting[] =>
    combinations(over.facts.get(`${role} ${action}`) ?? new Set(), names.collections, over.mfa, within.facts);
  const questions = roles
    .flatMap((role) =>
      within.actions.map((action) => settingsOf(role, action).length * purposesOf(names, action).length),
    )
    .reduce((sum, count) => sum + count, 0);
  if (questions > MOST_QUESTIONS)
    throw accessFailure('MATRIX_TOO_LARGE', {
      detail: `the policies look at so many facts that there are ${questions} questions`,
    });

  const cells = new Map<string, Cell>();
  const deciding = new Set<string>();
  const failing = new Set<string>();
  const note = (answer: { reasons: readonly string[]; errors: readonly string[] }): void => {
    for (const id of answer.reasons) deciding.add(id);
    for (const id of answer.errors) failing.add(id);
  };
  const keep = (cell: Cell): void => void cells.set(cellKey(cell), cell);

  for (const role of roles) {
    for (const action of within.actions) {
      const possible = engine.canPermit(role, action);
      // a request does not see what belongs to a field, so each is asked once for each setting of its own facts
      const settings = settingsOf(role, action);
      for (const purpose of purposesOf(names, action)) {
        for (const setting of settings) {
          const facts: Facts = { ...UNKNOWN, ...setting, purpose };
          const answer = possible ? engine.ask(role, action, facts) : NO;
          note(answer);
          const allowed = answer.allow && answer.errors.length === 0;
          keep({ role, action, purpose, facts: setting, dataClass: null, outcome: allowed ? 'allowed' : 'denied' });
          if (allowed && READING_ACTIONS.includes(action))
            fieldCells(engine, { role, action, purpose, setting, held: within.facts['declared'] }, keep, note);
        }
      }
      // thousands of questions: other requests go on in between
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  return {
    cells,
    idle: policies.filter((id) => !deciding.has(id)),
    failing: [...failing],
  };
}

const purposesOf = (names: MatrixNames, action: Action): readonly string[] =>
  (DATA_ACTIONS as readonly string[]).includes(action) ? [NOTHING, ...names.purposes] : [NOTHING];

type Setting = Readonly<Record<string, string | boolean>>;
type Place = Readonly<{ role: string; action: Action; purpose: string; setting: Setting; held: unknown }>;

function fieldCells(
  engine: Pick<Engine, 'ask' | 'canPermit'>,
  { role, action, purpose, setting, held }: Place,
  keep: (cell: Cell) => void,
  note: (answer: { reasons: readonly string[]; errors: readonly string[] }) => void,
): void {
  const facts: Facts = { ...UNKNOWN, ...setting, purpose };
  for (const dataClass of DATA_CLASSES) {
    // without a purpose no field is declared for it
    for (const declared of purpose === NOTHING ? [false] : [true, false]) {
      if (held !== undefined && declared !== held) continue;
      const answers = FIELD_ACTIONS.map((how) =>
        engine.canPermit(role, how) ? engine.ask(role, action, facts, { how, dataClass, declared }) : NO,
      );
      answers.forEach(note);
      const [reveal, mask] = answers.map(({ allow, errors }) => allow && errors.length === 0);
      const outcome = reveal === true ? 'clear' : mask === true ? 'masked' : 'denied';
      keep({ role, action, purpose, facts: { ...setting, declared }, dataClass, outcome });
    }
  }
}

/** All settings of the facts that are looked at; purpose, operation and declared are walked through elsewhere. */
function combinations(
  looked: ReadonlySet<string>,
  collections: readonly string[],
  mfa: readonly ProofAge[],
  held: Within['facts'],
): Setting[] {
  const axes: [string, readonly (string | boolean)[]][] = [
    ...(looked.has('collection') ? [['collection', [NOTHING, ...collections]] as [string, readonly string[]]] : []),
    ...CHOSEN_FACTS.filter((fact) => looked.has(fact)).map(
      (fact) => [fact, fact === 'mfa' ? mfa : FACT_VALUES[fact]] as [string, readonly string[]],
    ),
    ...YES_NO_FACTS.filter((fact) => looked.has(fact)).map(
      (fact) => [fact, [false, true]] as [string, readonly boolean[]],
    ),
  ];
  const possible = axes.map(([fact, values]): typeof axes[number] =>
    [fact, held[fact] === undefined ? values : values.filter((value) => value === held[fact])]); // prettier-ignore
  return possible.reduce<Setting[]>(
    (all, [fact, values]) => all.flatMap((setting) => values.map((value) => ({ ...setting, [fact]: value }))),
    [{}],
  );
}

export function cellKey({ role, action, purpose, facts, dataClass }: Omit<Cell, 'outcome'>): string {
  const named = Object.keys(facts)
    .toSorted()
    .map((fact) => `${fact}=${String(facts[fact])}`);
  return [role, action, purpose, dataClass ?? '', ...named].join(' ');
}

export type Enumerate = (engine: Engine, names: MatrixNames, over?: Looked) => Promise<Matrix>;

const remembered = new Map<string, Promise<Matrix>>();
/** The policies that hold, the draft that is looked at, and the one before it. */
const REMEMBERED = 3;

/** As `enumerate`, remembering the newest: the policies that hold are compared with again and again, and never change. */
export const enumerateOnce: Enumerate = (engine, names, over = factsLookedAt(engine)) => {
  const key = JSON.stringify([engine.hash, names, over.mfa, [...over.facts].map(([at, facts]) => [at, ...facts])]);
  const known = remembered.get(key);
  remembered.delete(key);
  const matrix = known ?? enumerate(engine, names, over);
  remembered.set(key, matrix);
  matrix.catch(() => remembered.delete(key));
  const [oldest] = remembered.keys();
  if (remembered.size > REMEMBERED && oldest !== undefined) remembered.delete(oldest);
  return matrix;
};
