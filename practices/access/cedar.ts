/**
 * Cedar, as far as it is used here: parsing, strict validation, and one authorization call.
 *
 * Policies are passed as a record id → policy, so that diagnostics name stable ids. A parsed set lies in WebAssembly's
 * memory under a name of its own until it is closed.
 * Source: @cedar-policy/cedar-wasm 4.13; https://docs.cedarpolicy.com
 */
import {
  policyToJson,
  preparsePolicySet,
  statefulIsAuthorized,
  validate,
  type CedarValueJson,
  type EntityJson,
  type PolicyJson,
} from '@cedar-policy/cedar-wasm/nodejs';
import { randomUUID } from 'node:crypto';

export type { CedarValueJson, PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
type Policies = Readonly<Record<string, string>>;
export type CedarFault = Readonly<{ policy: string | null; says: string; help: string | null }>;

const read = new Map<string, PolicyJson | null>();
/** A few versions of a large document; drafts are typed letter by letter, and most of their policies stay as they were. */
const MOST_READ = 2000;

/** The same object for the same text: not to be written to. @returns null when it is no single static policy */
export function readPolicy(text: string): PolicyJson | null {
  const known = read.get(text);
  if (known !== undefined) return known;
  const answer = policyToJson(text);
  const policy = answer.type === 'success' ? answer.json : null;
  if (read.size >= MOST_READ) read.clear();
  read.set(text, policy);
  return policy;
}

/** Strict validation against a schema. Warnings are faults too: a policy that can never apply is a mistake. */
export function validatePolicies(schema: string, policies: Policies): readonly CedarFault[] {
  const answer = validate({
    schema,
    policies: { staticPolicies: { ...policies } },
    validationSettings: { mode: 'strict' },
  });
  if (answer.type === 'failure')
    return answer.errors.map(({ message, help }) => ({ policy: null, says: message, help }));
  return [...answer.validationErrors, ...answer.validationWarnings].map(({ policyId, error }) => ({
    policy: policyId,
    says: error.message,
    help: error.help,
  }));
}

export type CedarAsk = Readonly<{
  action: string;
  resource: Readonly<{ type: string; id: string }>;
  context: Record<string, CedarValueJson>;
  entities: EntityJson[];
}>;
export type CedarAnswer = Readonly<{
  allow: boolean;
  /** Ids of the policies that decided. */
  reasons: readonly string[];
  /** Ids of the policies that could not be evaluated, or `*` when nothing could. */
  errors: readonly string[];
}>;
export type CedarSet = Readonly<{ ask: (ask: CedarAsk) => CedarAnswer; close: () => void }>;

/** The one who asks. Who it is in person is no fact of a policy: roles and facts decide. */
const ACTOR = { type: 'Actor', id: 'asker' } as const;

/** @throws Error when the policies do not parse */
export function openCedar(policies: Policies): CedarSet {
  const name = randomUUID();
  const parsed = preparsePolicySet(name, { staticPolicies: { ...policies } });
  if (parsed.type === 'failure') throw new Error(`the policies do not parse: ${parsed.errors[0]?.message}`);
  return {
    ask: ({ action, resource, context, entities }) => {
      const answer = statefulIsAuthorized({
        principal: ACTOR,
        action: { type: 'Action', id: action },
        resource,
        context,
        entities,
        preparsedPolicySetId: name,
      });
      if (answer.type === 'failure') return { allow: false, reasons: [], errors: ['*'] };
      const { decision, diagnostics } = answer.response;
      return {
        allow: decision === 'allow',
        reasons: diagnostics.reason.toSorted(),
        errors: diagnostics.errors.map(({ policyId }) => policyId),
      };
    },
    // there is no call that takes a set out: an empty one in its place frees its memory, and denies everything
    close: () => void preparsePolicySet(name, { staticPolicies: {} }),
  };
}

/** The actor in its roles, and what includes them: of each entity all that is above it, so that no `in` misses a link. */
export function actorEntities(roles: readonly string[]): EntityJson[] {
  return [{ uid: { ...ACTOR }, attrs: {}, parents: roles.map((id) => ({ type: 'Role', id })) }];
}

/** An entity in everything above it. */
export const entityIn = (type: string, id: string, above: readonly string[]): EntityJson => ({
  uid: { type, id },
  attrs: {},
  parents: above.map((each) => ({ type, id: each })),
});
export const entityValue = (type: string, id: string): CedarValueJson => ({ __entity: { type, id } });
