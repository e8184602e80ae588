/**
 * The decision: may this actor do this, for this purpose, and what of each field leaves in clear, masked or not at all?
 *
 * Policies decide (engine.ts); a key's own scope only ever narrows what they allow, whatever they say. The ids of the
 * deciding policies go into the audit log.
 */
import type { SubjectId } from '#platform/ids';
import type { CollectionSpec, DataClass, FieldSpec, MaskKind } from '#practices/collection';

import type { Action } from './actions.ts';
import { Allowed, type Granted } from './allowed.ts';
import type { Engine, FieldState, Verdict } from './engine.ts';
import { covers, NOTHING, UNKNOWN, type Facts, type KnownFacts } from './facts.ts';
import { usableGrants, type HeldGrant } from './grants/held.ts';
import type { Assurance } from './identity/assurance.ts';
import { stepUpSeconds, type Obligation } from './obligations.ts';
import { levelOf } from './proof-ages.ts';
import type { GrantKind } from './grants/scope.ts';
import { owedBy, waitsForEyes, WAITS_FOR_EYES, type Stricter } from './stricter.ts';
import type { Surroundings } from './surroundings.ts';
import { inExercise, isShut, trainingFact, trainingOf, whyShut, type Lack, type Training } from './training.ts';

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
  /** Of the request it makes; who is only asked about has none. */
  surroundings?: Surroundings | undefined;
  /** As counted with what it is about to open (volume.ts); left out: no policy it is under looks at it. */
  volume?: Facts['volume'] | undefined;
  /** What is asked of the person beyond what the policies say; of keys nothing is. */
  stricter?: Stricter | undefined;
  /** How the person stands with what the role asks for; nobody is asked of a key. */
  training?: Training | undefined;
  /** The review of its role is overdue: nothing above internal leaves in clear. */
  overdue?: boolean;
  /** A key of the assurance runner: it reaches made-up persons alone (canary-keys.ts). */
  canariesOnly?: boolean;
}>;
export type SessionProof = Readonly<{
  id: string;
  /** How many tokens the session has had before this one. */
  turn: number;
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
export { whoActs } from '#platform/two-people';

/** Facts about this one question that somebody supplies; those left out take their value in UNKNOWN. */
export type AskFacts = Partial<Omit<Facts, keyof KnownFacts>>;
export type Ask = Readonly<{
  actor: Actor;
  action: Action;
  purpose?: string | undefined;
  collection?: CollectionSpec | undefined;
  /** Facts about the subject, read with the data. */
  restricted?: boolean;
  /** What the subject said about this purpose, read with the data; left out where the question is about nobody yet. */
  consent?: Facts['consent'] | undefined;
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
  /** A refusal that the actor could turn by an authentication this old at most (RFC 9470); null where nothing they show helps. */
  stepUpSeconds: number | null;
  /** What happens to one field, when `allow`. */
  field: (spec: FieldSpec) => FieldState;
  /** How it is masked where it leaves masked: as the catalogue says, or as the deciding policy does. */
  mask: (spec: FieldSpec) => MaskKind;
  /** The kind of grant that the role may ask for and under which a field would leave in clear; null: none. */
  requestable: (spec: FieldSpec) => GrantKind | null;
  /** A refusal, or less than the role says, that learning or signing would turn. */
  lacks: readonly Lack[];
  /** Grants without which less would leave, as with `policies`: each has to be spent before anything is opened. */
  grantIds: readonly string[];
  /** It is allowed for these customers alone, who asks about nobody yet: whoever acts on it keeps to them. Null: for anybody. */
  within: ReadonlySet<SubjectId> | null;
}>;
export type Decide = (ask: Ask) => Decision;

export function decideWith(engine: Engine, policyVersion: string, ask: Ask): Decision {
  const { actor, action, purpose, collection, consent, restricted = false } = ask;
  const { scope } = actor;
  const known: KnownFacts = {
    kind: actor.kind === 'staff' ? 'staff' : 'service',
    purpose: purpose ?? NOTHING,
    collection: collection?.name ?? NOTHING,
    restricted,
  };
  const { session } = actor;
  const assurance = session && {
    mfa: levelOf(session.mfaAgeSeconds, engine.proofAges),
    phishingResistant: session.assurance.phishingResistant,
  };
  const asked = engine.askedOf(actor.role);
  const own = trainingOf(actor, asked);
  const exercise = inExercise(own, ask);
  const training = exercise?.training ?? own;
  const around = seenOf(engine, actor, training);
  const supplied = around === undefined ? ask.facts : { ...around, ...ask.facts };
  const facts = assurance === undefined ? supplied : { ...supplied, ...assurance };
  const plain =
    facts === undefined
      ? engine.plainVerdict(actor.role, action, known)
      : engine.verdict(actor.role, action, { ...UNKNOWN, ...facts, ...known });
  const usable = actor.overdue === true ? NO_GRANTS : grantedVerdicts(engine, ask, known, facts);
  // who lacks training acts under broken glass alone, and that is seen in the log
  const granted = training.effect === 'open' ? usable : usable.filter(({ grant }) => grant.kind === 'breakGlass');
  const shut = isShut(training, action);
  if (shut && plain.allow && granted.length === 0)
    return { ...deny(policyVersion, [`training-${training.effect}`], whyShut(training, asked)), lacks: training.lacks };
  const verdict = plain.allow ? plain : (granted[0]?.verdict ?? plain);
  if (!verdict.allow) {
    // a key has nothing to show, and to whom no policy permits it nothing they show helps: for them a denial is the end
    const mayHelp = actor.session !== undefined && engine.canPermit(actor.role, action);
    const helps = mayHelp ? stepUpSeconds(verdict.obligations) : null;
    return deny(policyVersion, verdict.policies, verdict.because, verdict.obligations, helps);
  }
  // no policy of its own: the log would say for ever, beside the person, why
  if (waitsForEyes(actor, action, purpose)) return deny(policyVersion, [], WAITS_FOR_EYES);
  if (collection !== undefined && scope.collections.length > 0 && !scope.collections.includes(collection.name))
    return deny(
      policyVersion,
      ['key-collections'],
      `the key's scope does not include the collection ${collection.name}`,
    );
  if (purpose !== undefined && scope.purposes.length > 0 && !scope.purposes.some((wide) => covers(wide, purpose)))
    return deny(policyVersion, ['key-purposes'], `the key's scope does not include ${purpose}`);
  return new Allowed(
    policyVersion,
    {
      document: engine.document,
      role: actor.role,
      plain: shut && granted.length > 0 ? SHUT_BUT_FOR_GRANTS : plain,
      granted,
      consent,
      overdue: actor.overdue === true,
      training,
      exercise,
      owedSeconds: owedBy(actor),
    },
    scope,
    purpose,
  );
}

/** Only what a policy looks at and what is not UNKNOWN anyway: what is remembered is not split by what cannot matter. */
function seenOf(
  engine: Engine,
  { surroundings, volume = UNKNOWN.volume }: Actor,
  about: Training,
): AskFacts | undefined {
  const { zone, hours } = surroundings ?? UNKNOWN;
  const seesZone = zone !== UNKNOWN.zone && engine.looksAtFact('zone');
  const seesHours = hours !== UNKNOWN.hours && engine.looksAtFact('hours');
  const seesVolume = volume !== UNKNOWN.volume && engine.looksAtFact('volume');
  const training = trainingFact(about);
  const seesTraining = training !== UNKNOWN.training && engine.looksAtFact('training');
  if (!seesZone && !seesHours && !seesVolume && !seesTraining) return undefined;
  return {
    ...(seesZone ? { zone } : {}),
    ...(seesHours ? { hours } : {}),
    ...(seesVolume ? { volume } : {}),
    ...(seesTraining ? { training } : {}),
  };
}

const NO_GRANTS: readonly Granted[] = [];
const SHUT_BUT_FOR_GRANTS: Verdict = {
  allow: false,
  because: '',
  policies: [],
  obligations: [],
  field: () => ({ state: 'denied', policies: [], obligations: [] }),
};

/** What would be decided under each grant that the question can use, where it is allowed at all. */
function grantedVerdicts(engine: Engine, ask: Ask, known: KnownFacts, facts: AskFacts | undefined): readonly Granted[] {
  const { actor, action, purpose, subject } = ask;
  if (actor.grants === undefined || actor.grants.length === 0) return NO_GRANTS;
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
  stepUp: number | null = null,
): Decision => ({
  allow: false,
  because,
  policies,
  policyVersion,
  obligations,
  stepUpSeconds: stepUp,
  field: () => 'denied',
  mask: () => 'hide',
  requestable: () => null,
  lacks: [],
  grantIds: [],
  within: null,
});
