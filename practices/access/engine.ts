/**
 * One policy document, ready to decide: a pure function of role, action and facts, remembered exactly.
 *
 * INVARIANT: what is remembered was decided by this very document on these very facts; there is no time in it, so
 * nothing goes stale. A new document is a new engine.
 */
import type { DataClass } from '#practices/collection';

import { FIELD_ACTIONS, READING_ACTIONS, type Action, type FieldAction } from './actions.ts';
import type { Answers } from './answers.ts';
import { actorEntities, entityIn, readPolicy, type CedarAnswer, type PolicyJson } from './cedar.ts';
import { DATA_CLASSES } from './classes.ts';
import { factsKey, NOTHING, UNKNOWN, type Facts, type KnownFacts } from './facts.ts';
import { createMemo, type Memo } from './memo.ts';
import { factsOf } from './looked-at.ts';
import { dutiesOf, waysOut, type Obligation } from './obligations.ts';
import { documentHash, documentText, rolesOf, type PolicyDocument } from './policy-document.ts';
import { agesOf, secondsOf, sees, together } from './proof-ages.ts';
import { openSlices, type Part } from './slices.ts';
import { askedOf, type Asked } from './training.ts';

export type FieldState = 'clear' | 'masked' | 'denied';
export type FieldVerdict = Readonly<{
  state: FieldState;
  policies: readonly string[];
  obligations: readonly Obligation[];
}>;
export type Verdict = Readonly<{
  allow: boolean;
  /** Why not, in words; empty when allowed. */
  because: string;
  policies: readonly string[];
  obligations: readonly Obligation[];
  /** @param declared whether the field was declared for the purpose */
  field: (dataClass: DataClass, declared: boolean) => FieldVerdict;
}>;
export type Engine = Readonly<{
  document: PolicyDocument;
  hash: string;
  hasRole: (role: string) => boolean;
  /** What the role asks of the people in it. */
  askedOf: (role: string) => Asked;
  askedByRoles: ReadonlyMap<string, Asked>;
  /** Ages of a proof that its policies tell apart, in seconds, the youngest first. */
  proofAges: readonly number[];
  verdict: (role: string, action: Action, facts: Facts) => Verdict;
  /** The same where all other facts are UNKNOWN, which is most of the time: nothing is put together to look it up. */
  plainVerdict: (role: string, action: Action, known: KnownFacts) => Verdict;
  /** One question to Cedar, with the errors it met; what it answered to the same is known (answers.ts). */
  ask: (role: string, action: Action, facts: Facts, field?: FieldAsk) => CedarAnswer;
  /** False when no policy could permit it, whatever the facts. */
  canPermit: (role: string, action: Action | FieldAction) => boolean;
  /** Facts that can change what comes of an action, or of a field in its course. */
  looksAt: (role: string, action: Action) => readonly string[];
  /** Whether any policy at all looks at it: of another one the value need not be known. */
  looksAtFact: (fact: string) => boolean;
  policy: (id: string) => PolicyJson | undefined;
  counts: () => Readonly<{ hits: number; misses: number; entries: number }>;
  close: () => void;
}>;
export type FieldAsk = Readonly<{ how: FieldAction; dataClass: DataClass; declared: boolean }>;

export type EngineOptions = Readonly<{
  /** Decisions remembered at most; then all are forgotten. */
  most?: number;
  /** What Cedar answered before, to any engine. */
  answers?: Answers;
  /** A policy could not be evaluated: the question was denied, and somebody must look. */
  onAlarm?: (alarm: Readonly<{ policies: readonly string[]; action: string; role: string }>) => void;
}>;

const SYSTEM = { type: 'System', id: 'strongroom' } as const;
const RESTRICTED = { service: 'service restricted', staff: 'staff restricted' } as const;
const NOWHERE: FieldVerdict = { state: 'denied', policies: [], obligations: [] };

/** @throws Error when a policy does not parse: check the document first (check-document.ts) */
export function openEngine(
  document: PolicyDocument,
  { most = 50_000, answers, onAlarm = () => undefined }: EngineOptions = {},
): Engine {
  const policies = new Map(Object.entries(document.policies).map(([id, text]) => [id, readPolicy(text) as PolicyJson]));
  const cedar = openSlices(document.policies, policies, answers);
  const looked = new Set([...policies.values()].flatMap(factsOf));
  const lookedAt = new Map<string, readonly string[]>();
  const closures = new Map(Object.keys(document.roles).map((role) => [role, rolesOf(document, role)]));
  const askedBy = new Map(Object.keys(document.roles).map((role) => [role, askedOf(document, role)]));
  // two, so that no path of one can be part of another's
  const plain = createMemo<Verdict>(most / 2);
  const whole = createMemo<Verdict>(most / 2);
  const count = { hits: 0, misses: 0 };

  const askOf = (role: string, action: Action, facts: Facts, field?: FieldAsk, part?: Part): CedarAnswer =>
    cedar.ask(closures.get(role) ?? [], part, {
      action: field?.how ?? action,
      resource: field === undefined ? SYSTEM : { type: 'DataClass', id: field.dataClass },
      purpose: facts.purpose,
      fact: (name) =>
        name === 'operation' ? action : name === 'declared' ? (field?.declared ?? false) : facts[name as keyof Facts],
      entities: () => [
        ...actorEntities(closures.get(role) ?? []),
        entityIn('Purpose', facts.purpose, ancestors(facts.purpose)),
        ...(field === undefined ? [] : [entityIn('DataClass', field.dataClass, above(field.dataClass))]),
      ],
    });

  const ask: Engine['ask'] = (role, action, facts, field) => {
    const over = secondsOf(facts.mfa);
    if (over === null) return askOf(role, action, facts, field);
    // to some policies the proof is fresh and to the others it is not: each kind is asked by itself
    return together(
      (['stale', 'fresh'] as const).map((mfa) => {
        const part = { name: `${mfa} ${over}`, takes: (policy: PolicyJson) => sees(policy, over) === mfa };
        return askOf(role, action, { ...facts, mfa }, field, part);
      }),
    );
  };

  /** An error denies, whatever else was found: what Cedar skips may have been a forbid. */
  const guarded = (role: string, action: Action, facts: Facts, field?: FieldAsk): CedarAnswer => {
    const answer = ask(role, action, facts, field);
    if (answer.errors.length === 0) return answer;
    onAlarm({ policies: answer.errors, action: field?.how ?? action, role });
    return { allow: false, reasons: [], errors: answer.errors };
  };
  const read = (ids: readonly string[]): PolicyJson[] => ids.flatMap((id) => policies.get(id) ?? []);

  const refusal = (
    role: string,
    action: Action,
    facts: Facts,
    answer: CedarAnswer,
  ): Omit<Verdict, 'allow' | 'field'> => {
    if (answer.errors.length > 0)
      return {
        because: 'a policy could not be evaluated',
        policies: answer.errors.map((id) => `error:${id}`),
        obligations: [],
      };
    if (answer.reasons.length > 0) {
      const [first] = answer.reasons as [string];
      const says = policies.get(first)?.annotations?.says ?? `the policy ${first} forbids it`;
      return { because: says, policies: answer.reasons, obligations: waysOut(read(answer.reasons)) };
    }
    const possible = cedar.canPermit(closures.get(role) ?? [], action);
    const elsewhere = possible && facts.purpose !== NOTHING && ask(role, action, { ...facts, purpose: NOTHING }).allow;
    return {
      because: elsewhere
        ? `the role ${role} does not work for ${facts.purpose}`
        : `the role ${role} does not include ${action}`,
      policies: ['default-deny'],
      obligations: possible ? grantsThatHelp(role, action, facts) : [],
    };
  };

  /** Where nothing permits, but could: kinds of grant under which a policy marked `@requestable` would. */
  const grantsThatHelp = (role: string, action: Action, facts: Facts, field?: FieldAsk): Obligation[] => {
    const kinds = new Set(
      [...policies.values()].flatMap(({ effect, annotations }) =>
        effect === 'permit' ? (annotations?.requestable ?? []) : [],
      ),
    );
    return [...kinds].flatMap((kind) => {
      const grant = kind as 'jit' | 'breakGlass';
      const then = ask(role, action, { ...facts, grant }, field);
      const marked = then.allow && read(then.reasons).some(({ annotations }) => annotations?.requestable === grant);
      return marked ? [{ kind: 'requestable' as const, grant }] : [];
    });
  };

  const decideField = (
    role: string,
    action: Action,
    facts: Facts,
    dataClass: DataClass,
    declared: boolean,
  ): FieldVerdict => {
    const reveal = guarded(role, action, facts, { how: 'reveal', dataClass, declared });
    if (reveal.allow) return { state: 'clear', policies: reveal.reasons, obligations: dutiesOf(read(reveal.reasons)) };
    const unforbidden = reveal.reasons.length === 0 && reveal.errors.length === 0;
    const ways = unforbidden
      ? grantsThatHelp(role, action, facts, { how: 'reveal', dataClass, declared })
      : waysOut(read(reveal.reasons));
    const mask = guarded(role, action, facts, { how: 'mask', dataClass, declared });
    // what kept it from leaving in clear decided as well: whoever is to be told of it is told by the log
    const decided = [...new Set([...reveal.reasons, ...mask.reasons])];
    if (mask.allow)
      return { state: 'masked', policies: decided, obligations: [...dutiesOf(read(mask.reasons)), ...ways] };
    const errors = [...reveal.errors, ...mask.errors].map((id) => `error:${id}`);
    return { state: 'denied', policies: [...decided, ...errors], obligations: ways };
  };

  const decide = (role: string, action: Action, facts: Facts): Verdict => {
    // INVARIANT: whoever has no role of the document may nothing, whatever a policy permits to everybody
    if (!closures.has(role))
      return {
        allow: false,
        because: 'there is no such role',
        policies: ['default-deny'],
        obligations: [],
        field: () => NOWHERE,
      };
    const answer = guarded(role, action, facts);
    if (!answer.allow) return { allow: false, ...refusal(role, action, facts, answer), field: () => NOWHERE };
    const fields: FieldVerdict[] = [];
    return {
      allow: true,
      because: '',
      policies: answer.reasons,
      obligations: dutiesOf(read(answer.reasons)),
      field: (dataClass, declared) => {
        // a class nobody here knows is the most sensitive one there could be
        const at = DATA_CLASSES.indexOf(dataClass);
        if (at < 0 || !READING_ACTIONS.includes(action)) return NOWHERE;
        return (fields[at * 2 + (declared ? 1 : 0)] ??= decideField(role, action, facts, dataClass, declared));
      },
    };
  };

  const found = (known: Verdict): Verdict => {
    count.hits += 1;
    return known;
  };
  const first = (memo: Memo<Verdict>, path: readonly string[], verdict: Verdict): Verdict => {
    count.misses += 1;
    memo.keep(path, verdict);
    return verdict;
  };

  return {
    document,
    hash: documentHash(documentText(document)),
    hasRole: (role) => closures.has(role),
    askedByRoles: askedBy,
    askedOf: (role) => askedBy.get(role) ?? 'nothing',
    proofAges: agesOf([...policies.values()]),
    ask,
    canPermit: (role, action) => cedar.canPermit(closures.get(role) ?? [], action),
    looksAt: (role, action) => {
      const roles = closures.get(role);
      // of a role that there is not, nothing is remembered: there is no end of those
      if (roles === undefined) return [];
      const key = `${role} ${action}`;
      const known = lookedAt.get(key);
      if (known !== undefined) return known;
      const asked = READING_ACTIONS.includes(action) ? [action, ...FIELD_ACTIONS] : [action];
      const facts = asked.flatMap((each) => (cedar.canPermit(roles, each) ? cedar.looksAt(roles, each) : []));
      lookedAt.set(key, facts);
      return facts;
    },
    looksAtFact: (fact) => looked.has(fact),
    policy: (id) => policies.get(id),
    verdict: (role, action, facts) => {
      const path = [role, action, factsKey(facts)];
      const known = whole.get(path);
      return known === undefined ? first(whole, path, decide(role, action, facts)) : found(known);
    },
    plainVerdict: (role, action, known) => {
      const { purpose, collection, kind, restricted } = known;
      const path = [role, action, purpose, collection, restricted ? RESTRICTED[kind] : kind];
      const verdict = plain.get(path);
      return verdict === undefined
        ? first(plain, path, decide(role, action, { ...UNKNOWN, ...known }))
        : found(verdict);
    },
    counts: () => ({ ...count, entries: plain.size() + whole.size() }),
    close: () => {
      plain.clear();
      whole.clear();
      cedar.close();
    },
  };
}

/** `a.b.c` → `a.b`, `a`: the dots are the tree, so no link of it has to be loaded, or can be missing. */
function ancestors(purpose: string): string[] {
  const parts = purpose.split('.');
  return parts.slice(1).map((_, n) => parts.slice(0, parts.length - 1 - n).join('.'));
}

const above = (dataClass: DataClass): readonly string[] => DATA_CLASSES.slice(DATA_CLASSES.indexOf(dataClass) + 1);
