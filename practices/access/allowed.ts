/**
 * A decision that allows, and what of each field leaves under it.
 *
 * One is made for every question, while the verdicts in it are remembered: so it is a class, whose getters are made once,
 * and it puts together only what somebody asks for. Most decisions are read once, many fields of them.
 */
import type { FieldSpec, MaskKind } from '#practices/collection';

import { upTo } from './classes.ts';
import type { Decision, Scope } from './decide.ts';
import type { FieldState, FieldVerdict, Verdict } from './engine.ts';
import { covers, type Facts } from './facts.ts';
import { grantCovers, type HeldGrant } from './grants/held.ts';
import type { GrantKind } from './grants/scope.ts';
import type { Obligation } from './obligations.ts';
import type { PolicyDocument } from './policy-document.ts';
import { strictly } from './stricter.ts';
import { BY_EXERCISE, type InExercise, type Lack, type Training } from './training.ts';

export type Granted = Readonly<{ grant: HeldGrant; verdict: Verdict }>;
/** Without any grant, and what allows under each that the question can use; one of them does. */
export type Sources = Readonly<{
  document: PolicyDocument;
  role: string;
  plain: Verdict;
  granted: readonly Granted[];
  overdue: boolean;
  /** Nothing above internal leaves in clear without a passkey used within these; null: as the policies say. */
  owedSeconds: number | null;
  training: Training;
  /** Null: none had to let them in. */
  exercise: InExercise | null;
  /** Undefined: the question is about no subject. */
  consent: Facts['consent'] | undefined;
}>;

const SHUT: FieldVerdict = { state: 'denied', policies: [], obligations: [] };
const OVERDUE: FieldVerdict = { state: 'denied', policies: ['review-overdue'], obligations: [] };
const OUTSIDE: FieldVerdict = { state: 'denied', policies: ['key-classes'], obligations: [] };

export class Allowed implements Decision {
  readonly allow = true;
  readonly because = '';
  readonly stepUpSeconds = null;
  readonly policyVersion: string;
  readonly field: (spec: FieldSpec) => FieldState;
  readonly mask: (spec: FieldSpec) => MaskKind;
  readonly #verdict: Verdict;
  /** Few: one for each class, declared or not. */
  readonly #asked: FieldVerdict[] = [];
  readonly #used: string[] = [];
  readonly #graced = new Map<FieldVerdict, FieldVerdict>();
  readonly #sources: Sources;
  readonly #purpose: string | undefined;

  constructor(policyVersion: string, sources: Sources, scope: Scope, purpose: string | undefined) {
    const { plain, granted } = sources;
    this.policyVersion = policyVersion;
    this.#sources = sources;
    this.#purpose = purpose;
    this.#verdict = plain;
    if (!plain.allow) {
      const { grant, verdict } = granted[0] as Granted;
      this.#verdict = verdict;
      this.#used.push(grant.id);
    }
    this.field = (spec) => {
      if (scope.classes.length > 0 && !scope.classes.includes(spec.class)) return this.#ask(OUTSIDE);
      const declared = isDeclared(spec, purpose, sources.consent);
      const without = this.#without(spec, declared);
      // nobody said in time that who asks still needs the role
      if (sources.overdue && without.state === 'clear' && !upTo('internal', spec.class)) return this.#ask(OVERDUE);
      const under = granted.length === 0 ? undefined : moreUnder(sources, spec, { without, declared });
      if (under === undefined) return this.#ask(without);
      // what leaves masked all the same spends no read of it
      const isNarrowed =
        sources.owedSeconds !== null && under.verdict.state === 'clear' && !upTo('internal', spec.class);
      if (!isNarrowed && !this.#used.includes(under.grant.id)) this.#used.push(under.grant.id);
      return this.#ask(under.verdict);
    };
    if (sources.owedSeconds !== null)
      this.field = strictly(this.field, sources.owedSeconds, (verdict) => this.#ask(verdict));
    this.mask = (spec) => {
      const declared = isDeclared(spec, purpose, sources.consent);
      const without = this.#without(spec, declared);
      return maskOf(moreUnder(sources, spec, { without, declared })?.verdict ?? without, spec);
    };
  }

  get policies(): readonly string[] {
    const { training, exercise } = this.#sources;
    const { effect } = training;
    const own = [this.#verdict, ...this.#asked].flatMap((each) => each.policies);
    const decided = exercise === null ? own : [...own, BY_EXERCISE];
    // under broken glass it goes on, and whoever looks afterwards sees who had not done what
    return [...new Set(effect === 'denied' ? [...decided, 'training-denied'] : decided)];
  }

  get obligations(): readonly Obligation[] {
    const found = [this.#verdict, ...this.#asked].flatMap((each) => each.obligations);
    return [...new Map(found.map((each) => [JSON.stringify(each), each])).values()];
  }

  get lacks(): readonly Lack[] {
    return this.#sources.training.lacks;
  }

  get within(): Decision['within'] {
    return this.#sources.exercise?.within ?? null;
  }

  get grantIds(): readonly string[] {
    return [...this.#used];
  }

  requestable(spec: FieldSpec): GrantKind | null {
    const { document, role, plain, consent, training } = this.#sources;
    if (!plain.allow || training.effect !== 'open') return null;
    const { obligations } = plain.field(spec.class, isDeclared(spec, this.#purpose, consent));
    const may = document.roles[role]?.grants;
    for (const each of obligations)
      if (each.kind === 'requestable' && upTo(may?.[each.grant]?.clearUpTo ?? null, spec.class)) return each.grant;
    return null;
  }

  /** Where only a grant lets the request in, a class that it is not about stays shut; in days of grace, clear is masked. */
  #without({ class: dataClass }: FieldSpec, declared: boolean): FieldVerdict {
    const { plain, training } = this.#sources;
    if (!plain.allow) return SHUT;
    const verdict = plain.field(dataClass, declared);
    if (training.effect !== 'masked' || verdict.state !== 'clear') return verdict;
    const known = this.#graced.get(verdict);
    if (known !== undefined) return known;
    const masked: FieldVerdict = { ...verdict, state: 'masked', policies: [...verdict.policies, 'training-masked'] };
    this.#graced.set(verdict, masked);
    return masked;
  }

  #ask(field: FieldVerdict): FieldState {
    if (!this.#asked.includes(field)) this.#asked.push(field);
    return field.state;
  }
}

/** The first grant under which more of a field leaves than without one. */
function moreUnder(
  { document, granted }: Sources,
  spec: FieldSpec,
  { without, declared }: Readonly<{ without: FieldVerdict; declared: boolean }>,
): Readonly<{ grant: HeldGrant; verdict: FieldVerdict }> | undefined {
  if (without.state === 'clear') return undefined;
  for (const { grant, verdict: under } of granted) {
    if (!grantCovers(grant, document, spec.class)) continue;
    const verdict = under.field(spec.class, declared);
    if (verdict.state === 'clear' || (verdict.state === 'masked' && without.state === 'denied'))
      return { verdict, grant };
  }
  return undefined;
}

/** INVARIANT: a field that rests on consent is held for the purpose only as long as its subject consents. */
function isDeclared({ purposes }: FieldSpec, purpose: string | undefined, consent: Sources['consent']): boolean {
  if (purpose === undefined) return false;
  const agreed = consent === undefined || consent === 'given';
  for (const { id, requiresConsent } of purposes) if (covers(id, purpose) && (agreed || !requiresConsent)) return true;
  return false;
}

function maskOf({ obligations }: FieldVerdict, spec: FieldSpec): MaskKind {
  const kinds = [...new Set(obligations.flatMap((each) => (each.kind === 'mask' ? [each.as as MaskKind] : [])))];
  // several policies that mask differently, or a field that the catalogue hides: then nothing of it is shown
  if (kinds.length > 1 || spec.mask === 'hide') return 'hide';
  return kinds[0] ?? spec.mask;
}
