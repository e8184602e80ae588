/**
 * The decision: may this actor do this, for this purpose, and what of each field leaves in clear, masked or not at all?
 *
 * Policies decide (engine.ts); a key's own scope only ever narrows what they allow, whatever they say. The ids of the
 * deciding policies go into the audit log.
 */
import type { CollectionSpec, DataClass, FieldSpec, MaskKind } from '#practices/collection';

import type { Action } from './actions.ts';
import type { Engine, FieldState, FieldVerdict, Verdict } from './engine.ts';
import { covers, NOTHING, UNKNOWN, type Facts, type KnownFacts } from './facts.ts';
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
  const verdict =
    ask.facts === undefined && assurance === undefined
      ? engine.plainVerdict(actor.role, action, known)
      : engine.verdict(actor.role, action, { ...UNKNOWN, ...ask.facts, ...assurance, ...known });
  if (!verdict.allow) return deny(policyVersion, verdict.policies, verdict.because, verdict.obligations);
  if (collection !== undefined && scope.collections.length > 0 && !scope.collections.includes(collection.name))
    return deny(
      policyVersion,
      ['key-collections'],
      `the key's scope does not include the collection ${collection.name}`,
    );
  if (purpose !== undefined && scope.purposes.length > 0 && !scope.purposes.some((wide) => covers(wide, purpose)))
    return deny(policyVersion, ['key-purposes'], `the key's scope does not include ${purpose}`);
  return allowed(policyVersion, verdict, scope, purpose);
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
});

function allowed(policyVersion: string, verdict: Verdict, scope: Scope, purpose: string | undefined): Decision {
  // put together only when somebody asks: most decisions are read once, many fields of them
  const asked = new Set<FieldVerdict>();
  const isDeclared = (spec: FieldSpec): boolean =>
    purpose !== undefined && spec.purposes.some(({ id }) => covers(id, purpose));
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
    field: (spec) => {
      const outside = scope.classes.length > 0 && !scope.classes.includes(spec.class);
      const field = outside ? OUTSIDE : verdict.field(spec.class, isDeclared(spec));
      asked.add(field);
      return field.state;
    },
    mask: (spec) => {
      const wanted = verdict.field(spec.class, isDeclared(spec)).obligations.filter((each) => each.kind === 'mask');
      const kinds = [...new Set(wanted.map(({ as }) => as as MaskKind))];
      // several policies that mask differently, or a field that the catalogue hides: then nothing of it is shown
      if (kinds.length > 1 || spec.mask === 'hide') return 'hide';
      return kinds[0] ?? spec.mask;
    },
  };
}

const OUTSIDE: FieldVerdict = { state: 'denied', policies: ['key-classes'], obligations: [] };
