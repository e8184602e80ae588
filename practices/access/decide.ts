/**
 * The decision: may this actor do this, for this purpose, and what of each field leaves in clear, masked or not at all?
 *
 * Policies decide (engine.ts); a key's own scope only ever narrows what they allow, whatever they say. The ids of the
 * deciding policies go into the audit log.
 */
import type { SubjectId } from '#platform/ids';
import type { CollectionSpec, DataClass, FieldSpec, MaskKind } from '#practices/collection';

import type { Action } from './actions.ts';
import type { Engine, FieldState, FieldVerdict, Verdict } from './engine.ts';
import { covers, NOTHING, UNKNOWN, type Facts, type KnownFacts } from './facts.ts';
import { grantCovers, usableGrants, type HeldGrant } from './grants/held.ts';
import type { Assurance } from './identity/assurance.ts';
import type { Obligation } from './obligations.ts';

/** Empty lists mean: not narrowed beyond the role. */
export type Scope = Readonly<{
  purposes: readonly string[];
  classes: readonly DataClass[];
  collections: readonly string[];
}>;
export type Actor = Readonly<{
  kind: 'service' | 'staff' | 'system';
  id: string;
  name: string;
  role: string;
  scope: Scope;
  expiresAt: Date | null;
  /** Which policies held when the actor was looked up; read in the same statement as the key. */
  policyVersion?: string | undefined;
  /** The person behind it: whose session it is, or who made the key. */
  person?: string | undefined;
  /** A person's session; a key has none. */
  session?: SessionProof | undefined;
  /** Living grants, read in the same statement as the key or session. */
  grants?: readonly HeldGrant[];
}>;
export type SessionProof = Readonly<{
  id: string;
  /** Those of the person; `role` of the actor is the one that is active. */
  roles: readonly string[];
  aal: number;
  amr: readonly string[];
  authAgeSeconds: number;
  /** Null: two factors were never shown. */
  mfaAgeSeconds: number | null;
  assurance: Assurance;
}>;
/** Two keys of one person are one who acts. */
export const whoActs = ({ id, person }: Actor): string => person ?? id;

/** Facts about this one question that somebody supplies; those left out take their value in UNKNOWN. */
export type AskFacts = Partial<Omit<Facts, keyof KnownFacts>>;
export type Ask = Readonly<{
  actor: Actor;
  action: Action;
  purpose?: string | undefined;
  collection?: CollectionSpec | undefined;
  /** Facts about the subject, read with the data. */
  restricted?: boolean;
  /** Whose data it is about; a grant is for named subjects. */
  subject?: SubjectId | undefined;
  facts?: AskFacts;
}>;
export type Decision = Readonly<{
  allow: boolean;
  /** Why not, in words; empty when allowed. */
  because: string;
  /** Those that decided: the request, and each field that was asked about so far. */
  policies: readonly string[];
  policyVersion: string;
  /** As with `policies`. */
  obligations: readonly Obligation[];
  /** What happens to one field, when `allow`. */
  field: (spec: FieldSpec) => FieldState;
  /** How it is masked where it leaves masked: as the catalogue says, or as the deciding policy does. */
  mask: (spec: FieldSpec) => MaskKind;
  /** Grants without which less would leave, as with `policies`: each has to be spent before anything is opened. */
  grantIds: readonly string[];
}>;
export type Decide = (ask: Ask) => Decision;

export function decideWith(engine: Engine, policyVersion: string, ask: Ask): Decision {
  const { actor, action, purpose, collection, restricted = false } = ask;
  const { scope } = actor;
  const known: KnownFacts = {
    kind: actor.kind === 'staff' ? 'staff' : 'service',
    purpose: purpose ?? NOTHING,
    collection: collection?.name ?? NOTHING,
    restricted,
  };
  const assurance = actor.session?.assurance;
  const facts = assurance === undefined ? ask.facts : { ...ask.facts, ...assurance };
  const plain =
    facts === undefined
      ? engine.plainVerdict(actor.role, action, known)
      : engine.verdict(actor.role, action, { ...UNKNOWN, ...facts, ...known });
  const granted = grantedVerdicts(engine, ask, known, facts);
  const verdict = plain.allow ? plain : (granted[0]?.verdict ?? plain);
  if (!verdict.allow) return deny(policyVersion, verdict.policies, verdict.because, verdict.obligations);
  if (collection !== undefined && scope.collections.length > 0 && !scope.collections.includes(collection.name))
    return deny(
      policyVersion,
      ['key-collections'],
      `the key's scope does not include the collection ${collection.name}`,
    );
  if (purpose !== undefined && scope.purposes.length > 0 && !scope.purposes.some((wide) => covers(wide, purpose)))
    return deny(policyVersion, ['key-purposes'], `the key's scope does not include ${purpose}`);
  return allowed(policyVersion, { engine, plain, granted }, scope, purpose);
}

type Granted = Readonly<{ grant: HeldGrant; verdict: Verdict }>;

/** What would be decided under each grant that the question can use, where it is allowed at all. */
function grantedVerdicts(engine: Engine, ask: Ask, known: KnownFacts, facts: AskFacts | undefined): readonly Granted[] {
  const { actor, action, purpose, subject } = ask;
  if (actor.grants === undefined || actor.grants.length === 0) return [];
  return usableGrants(actor.grants, engine.document, { role: actor.role, action, purpose, subject })
    .map((grant) => ({
      grant,
      verdict: engine.verdict(actor.role, action, { ...UNKNOWN, ...facts, ...known, grant: grant.kind }),
    }))
    .filter(({ verdict }) => verdict.allow);
}

/** @param policies also `key-…` for what the key's own scope decides, and `error:…` for a policy that failed */
export const deny = (
  policyVersion: string,
  policies: readonly string[],
  because: string,
  obligations: readonly Obligation[] = [],
): Decision => ({
  allow: false,
  because,
  policies,
  policyVersion,
  obligations,
  field: () => 'denied',
  mask: () => 'hide',
  grantIds: [],
});

type Sources = Readonly<{ engine: Engine; plain: Verdict; granted: readonly Granted[] }>;

function allowed(
  policyVersion: string,
  { engine, plain, granted }: Sources,
  scope: Scope,
  purpose: string | undefined,
): Decision {
  const verdict = plain.allow ? plain : (granted[0] as Granted).verdict;
  // put together only when somebody asks: most decisions are read once, many fields of them
  const asked = new Set<FieldVerdict>();
  const used = new Set<string>(plain.allow ? [] : [(granted[0] as Granted).grant.id]);
  const isDeclared = (spec: FieldSpec): boolean =>
    purpose !== undefined && spec.purposes.some(({ id }) => covers(id, purpose));
  const resolve = (spec: FieldSpec): Readonly<{ verdict: FieldVerdict; grant?: HeldGrant }> => {
    const declared = isDeclared(spec);
    // where only a grant lets the request in, a class that it is not about stays shut
    const without = plain.allow ? plain.field(spec.class, declared) : SHUT;
    if (without.state === 'clear') return { verdict: without };
    for (const { grant, verdict: under } of granted) {
      if (!grantCovers(grant, engine.document, spec.class)) continue;
      const found = under.field(spec.class, declared);
      if (found.state === 'clear' || (found.state === 'masked' && without.state === 'denied'))
        return { verdict: found, grant };
    }
    return { verdict: without };
  };
  return {
    allow: true,
    because: '',
    policyVersion,
    get policies() {
      return [...new Set([verdict, ...asked].flatMap((each) => each.policies))];
    },
    get obligations() {
      const found = [verdict, ...asked].flatMap((each) => each.obligations);
      return [...new Map(found.map((each) => [JSON.stringify(each), each])).values()];
    },
    get grantIds() {
      return [...used];
    },
    field: (spec) => {
      if (scope.classes.length > 0 && !scope.classes.includes(spec.class)) {
        asked.add(OUTSIDE);
        return OUTSIDE.state;
      }
      const found = resolve(spec);
      asked.add(found.verdict);
      if (found.grant !== undefined) used.add(found.grant.id);
      return found.verdict.state;
    },
    mask: (spec) => {
      const wanted = resolve(spec).verdict.obligations.filter((each) => each.kind === 'mask');
      const kinds = [...new Set(wanted.map(({ as }) => as as MaskKind))];
      // several policies that mask differently, or a field that the catalogue hides: then nothing of it is shown
      if (kinds.length > 1 || spec.mask === 'hide') return 'hide';
      return kinds[0] ?? spec.mask;
    },
  };
}

const SHUT: FieldVerdict = { state: 'denied', policies: [], obligations: [] };
const OUTSIDE: FieldVerdict = { state: 'denied', policies: ['key-classes'], obligations: [] };
