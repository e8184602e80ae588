/**
 * Questions of other programs in the words of AuthZEN, put to the same `decide` that every read goes through.
 *
 * Subjects are a `role`, a `key` or a `person`; resources the `system`, a `collection`, a `class` of data or a `field`
 * (`customer.email`). `decision` is true when something leaves; how much of it says `context.state`.
 * Source: OpenID AuthZEN Authorization API 1.0 (final, 11 January 2026) §5 to §8
 */
import type { Catalog, CollectionSpec, DataClass, FieldSpec } from '#practices/collection';

import { isAction } from './actions.ts';
import { DATA_CLASSES } from './classes.ts';
import type { Actor, AskFacts, Decide, Decision } from './decide.ts';
import { CHOSEN_FACTS, FACT_VALUES, YES_NO_FACTS } from './facts.ts';
import type { Obligation } from './obligations.ts';

export type Entity = Readonly<{ type: string; id: string }>;
export type Question = Readonly<{
  subject: Actor;
  action: string;
  resource: Entity;
  context: Readonly<Record<string, unknown>>;
}>;
export type Answer = Readonly<{
  decision: boolean;
  context: Readonly<{
    reason?: string;
    /** Of a person: the role that was decided in. */
    role?: string;
    state?: 'clear' | 'masked' | 'denied';
    policies?: readonly string[];
    obligations?: readonly Obligation[];
    policyVersion?: string;
    error?: Readonly<{ status: number; message: string }>;
  }>;
}>;

/** An answer to what cannot be decided: closed. Nothing of the question is repeated. */
export const unanswered = (status: number, message: string): Answer => ({
  decision: false,
  context: { error: { status, message } },
});

export function answer(decide: Decide, catalog: Catalog, { subject, action, resource, context }: Question): Answer {
  if (!isAction(action)) return unanswered(404, 'there is no such action');
  const purpose = context.purpose;
  if (purpose !== undefined && (typeof purpose !== 'string' || !catalog.purposes.has(purpose)))
    return unanswered(404, 'there is no such purpose');
  const facts = readFacts(context);
  if (facts === null) return unanswered(400, 'a fact in the context has a value that it cannot have');
  const target = findTarget(catalog, resource);
  if (target === null) return unanswered(404, 'there is no such resource');

  const restricted = context.restricted === true;
  const decision = decide({ actor: subject, action, purpose, collection: target.collection, restricted, facts });
  if (target.field === undefined || !decision.allow) return asAnswer(decision, decision.allow);
  const state = decision.field(target.field);
  return asAnswer(decision, state !== 'denied', state);
}

/** What could be asked about: all of a type. @returns null for a type that cannot be listed */
export function resourcesOf(catalog: Catalog, type: string): readonly Entity[] | null {
  const collections = [...catalog.collections.values()];
  if (type === 'system') return [{ type, id: 'strongroom' }];
  if (type === 'class') return DATA_CLASSES.map((id) => ({ type, id }));
  if (type === 'collection') return collections.map(({ name }) => ({ type, id: name }));
  if (type !== 'field') return null;
  return collections.flatMap(({ name, fields }) =>
    [...fields.keys()].map((field) => ({ type, id: `${name}.${field}` })),
  );
}

function asAnswer(decision: Decision, allowed: boolean, state?: 'clear' | 'masked' | 'denied'): Answer {
  const { because, policies, obligations, policyVersion } = decision;
  return {
    decision: allowed,
    context: {
      ...(because === '' ? {} : { reason: because }),
      ...(state === undefined ? {} : { state }),
      policies,
      obligations,
      policyVersion,
    },
  };
}

type Target = Readonly<{ collection?: CollectionSpec; field?: FieldSpec }>;

function findTarget(catalog: Catalog, { type, id }: Entity): Target | null {
  if (type === 'system') return id === 'strongroom' ? {} : null;
  if (type === 'class')
    return (DATA_CLASSES as readonly string[]).includes(id) ? { field: anyField(catalog, id as DataClass) } : null;
  const [name = '', fieldName = ''] = type === 'field' ? id.split('.') : [id];
  const collection = catalog.collections.get(name);
  if (collection === undefined || (type !== 'collection' && type !== 'field')) return null;
  if (type === 'collection') return { collection };
  const field = collection.fields.get(fieldName);
  return field === undefined ? null : { collection, field };
}

/** A field of a class that is declared for every purpose: what the policies say of the class, whatever the catalogue has. */
function anyField(catalog: Catalog, dataClass: DataClass): FieldSpec {
  const purposes = [...catalog.purposes.keys()].map((id) => ({ id }));
  return { class: dataClass, purposes } as unknown as FieldSpec;
}

/** @returns null when one has a value that is not among its values */
function readFacts(context: Readonly<Record<string, unknown>>): AskFacts | null {
  const facts: Record<string, unknown> = {};
  for (const name of CHOSEN_FACTS) {
    // what kind of actor it is follows from the subject, not from who asks
    if (name === 'kind' || context[name] === undefined) continue;
    if (!(FACT_VALUES[name] as readonly unknown[]).includes(context[name])) return null;
    facts[name] = context[name];
  }
  for (const name of YES_NO_FACTS) {
    if (context[name] === undefined) continue;
    if (typeof context[name] !== 'boolean') return null;
    if (name !== 'restricted') facts[name] = context[name];
  }
  return facts;
}
