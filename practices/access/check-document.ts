/**
 * Whether a document may be used at all: its shape, strict validation by Cedar, annotations, and names that exist. Rules about what
 * comes out of it are in invariants.ts.
 */
import { isAction } from './actions.ts';
import { readPolicy, validatePolicies, type PolicyJson } from './cedar.ts';
import { cedarSchema } from './cedar-schema.ts';
import { DATA_CLASSES } from './classes.ts';
import { NOTHING, SUPPLIED } from './facts.ts';
import { eligibleFaults } from './grants/eligible-faults.ts';
import { entitiesOf, factsOf } from './looked-at.ts';
import { annotationFault } from './obligations.ts';
import type { PolicyDocument, Role } from './policy-document.ts';
import type { Reach } from './surroundings.ts';

export type DocumentFault = Readonly<{
  /** Id of a policy or name of a role; null: the document. */
  at: string | null;
  says: string;
  hint: string;
}>;
export type CheckedDocument = Readonly<{
  /** Must be put right. */
  faults: readonly DocumentFault[];
  /** Should be known. */
  notes: readonly DocumentFault[];
}>;
/** What the catalogue declares, and what the settings supply. */
export type KnownNames = Readonly<{
  purposes: ReadonlySet<string>;
  collections: ReadonlySet<string>;
  reach?: Reach;
  /** What the education practice has published; left out: it is not known. */
  texts?: KnownTexts | undefined;
}>;
export type KnownTexts = Readonly<{ courses: ReadonlySet<string>; policies: ReadonlySet<string>; drills?: ReadonlySet<string> }>; // prettier-ignore

/** Settings that supply a fact, where they are set. */
const SETTING_OF: Readonly<Record<string, string>> = {
  zone: 'STRONGROOM_ZONES',
  hours: 'STRONGROOM_BUSINESS_HOURS',
};

const POLICY_ID = /^[a-z][a-z0-9-]{0,79}$/;
const ROLE_NAME = /^[a-z][a-z0-9-]{0,49}$/;

export function checkDocument(document: PolicyDocument, known: KnownNames): CheckedDocument {
  const faults: DocumentFault[] = [];
  const notes: DocumentFault[] = [];
  const roles = new Set(Object.keys(document.roles));

  if (document.schema !== cedarSchema())
    faults.push({
      at: null,
      says: 'the schema is not the one of this program',
      hint: 'take the document of GET /v1/access/policies/active and its schema, and change the policies in it',
    });
  for (const [name, { includes, grants = {} }] of Object.entries(document.roles)) {
    if (!ROLE_NAME.test(name))
      faults.push({ at: name, says: 'this is no name of a role', hint: 'small letters, digits and -, at most 50' });
    for (const each of includes)
      if (!roles.has(each))
        faults.push({ at: name, says: `it includes ${each}, which is no role`, hint: 'declare it, or take it out' });
    for (const kind of ['jit', 'breakGlass'] as const) faults.push(...eligibleFaults(name, kind, grants[kind], roles));
    faults.push(...requiresFaults(name, document.roles[name] as Role, known.texts));
  }
  const parsed = new Map<string, PolicyJson>();
  for (const [id, text] of Object.entries(document.policies)) {
    const policy = readPolicy(text);
    if (!POLICY_ID.test(id))
      faults.push({ at: id, says: 'this is no id of a policy', hint: 'small letters, digits and -, at most 80' });
    if (policy === null)
      faults.push({
        at: id,
        says: 'this is not one Cedar policy',
        hint: 'one permit or forbid, without ?principal or ?resource',
      });
    else parsed.set(id, policy);
  }
  if (faults.length > 0) return { faults, notes };

  for (const { policy, says, help } of validatePolicies(document.schema, document.policies))
    faults.push({ at: policy, says, hint: help ?? 'the schema says what there is' });
  for (const [id, policy] of parsed) {
    const annotation = annotationFault(policy, roles);
    if (annotation !== null) faults.push({ at: id, says: annotation, hint: 'see docs/practices/access.md' });
    for (const { type, id: name } of entitiesOf(policy)) {
      if (type === 'Role' && !roles.has(name))
        faults.push({ at: id, says: `there is no role ${name}`, hint: 'declare it in the document' });
      if (type === 'DataClass' && !(DATA_CLASSES as readonly string[]).includes(name))
        faults.push({ at: id, says: `there is no class ${name}`, hint: DATA_CLASSES.join(', ') });
      if (type === 'Action' && !isAction(name) && name !== 'reveal' && name !== 'mask')
        faults.push({ at: id, says: `there is no action ${name}`, hint: 'the schema lists them' });
      if ((type === 'Actor' && name !== '') || (type === 'System' && name !== 'strongroom'))
        faults.push({
          at: id,
          says: `a policy names ${type}::"${name}"`,
          hint: 'policies are about roles and facts, not about single actors',
        });
      if (type === 'Purpose' && name !== NOTHING && !known.purposes.has(name))
        notes.push({
          at: id,
          says: `the catalogue has no purpose ${name}`,
          hint: 'it never matches until there is one',
        });
      if (type === 'Collection' && name !== NOTHING && !known.collections.has(name))
        notes.push({
          at: id,
          says: `the catalogue has no collection ${name}`,
          hint: 'it never matches until there is one',
        });
    }
    for (const fact of factsOf(policy))
      if (!SUPPLIED.has(fact) && !Object.hasOwn(known.reach ?? {}, fact))
        notes.push({
          at: id,
          says: `nothing supplies ${fact} ${SETTING_OF[fact] === undefined ? 'yet' : `without ${SETTING_OF[fact]}`}`,
          hint: 'it always has its most cautious value',
        });
  }
  return { faults, notes };
}

/** A role that asks for what nobody can do would shut everybody out. */
function requiresFaults(at: string, { requires, programs }: Role, texts: KnownTexts | undefined): DocumentFault[] {
  if (requires === undefined) return [];
  const { courses, policies, drills = [] } = requires;
  const fault = (says: string, hint: string): DocumentFault => ({ at, says, hint });
  const lost = (kind: string, ids: readonly string[], known: ReadonlySet<string> | undefined): DocumentFault[] =>
    ids
      .filter((id) => known?.has(id) === false)
      .map((id) => fault(`there is no ${kind} ${id}`, 'GET /v1/education/texts lists what was published'));
  return [
    ...(programs === true
      ? [fault('it is for programs, and asks people for something', 'take one of the two out')]
      : []),
    ...(courses.length + policies.length + drills.length === 0
      ? [fault('it requires nothing', 'name a course, a policy or a drill')]
      : []),
    ...lost('course', courses, texts?.courses),
    ...lost('policy', policies, texts?.policies),
    ...lost('drill', drills, texts?.drills),
  ];
}
