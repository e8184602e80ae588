/**
 * What leaves, how, for whom: an export profile. It is data, proposed by one person and approved by another; what it does
 * not name does not leave.
 */
import type { Catalog, CollectionSpec, FieldSpec } from '../catalog.ts';
import { collectionFailure } from '../failures.ts';
import { checkSteps, parseStep, takeStep, type CellValue, type Step } from './hierarchy.ts';

/** The person a record is about, as a column. */
export const SUBJECT = '@subject';

export type FieldRule = Readonly<{
  as: 'clear' | 'mask' | 'coarsen' | 'pseudonym';
  /** `quasi`: others may know it of somebody. `sensitive`: nobody is to learn it of somebody. */
  role?: 'quasi' | 'sensitive';
  /** From the finest to the coarsest. Of `coarsen` the first is what leaves at most. */
  steps?: readonly string[];
}>;
type Whom = Readonly<{
  name: string;
  collection: string;
  purpose: string;
  /** Outside: the catalogue must name it as a recipient of each field that leaves. */
  recipient: Readonly<{ name: string; where: 'inside' | 'outside' }>;
}>;
export type RecordsProfile = Whom &
  Readonly<{
    kind: 'records';
    fields: Readonly<Record<string, FieldRule>>;
    /** Least number of people who look the same by their quasi-identifiers; 1: not asked for. */
    k: number;
    /** Least number of different values of each sensitive field among them; 1: not asked for. */
    l: number;
    /** Of all records, at most so many are left out so that the others fit; more: nothing leaves. */
    maxSuppressedPercent: number;
  }>;
export type Dimension = Readonly<{ step?: string; values?: readonly string[] }>;
export type CountsProfile = Whom &
  Readonly<{
    kind: 'counts';
    /** By which fields may be counted, and into which groups; the groups are no secret, and none is found in the data. */
    dimensions: Readonly<Record<string, Dimension>>;
    /** ε in thousandths: all that this recipient may ever learn for this purpose, and at most by one answer. */
    budgetMilli: number;
    maxEpsilonMilli: number;
  }>;
export type Profile = RecordsProfile | CountsProfile;

const MOST_QUASI = 8;
const MOST_SENSITIVE = 4;
const MOST_STEPS = 6;
/** Groups of one answer. */
export const MOST_CELLS = 10_000;

const invalid = (detail: string): Error => collectionFailure('EXPORT_PROFILE_INVALID', { detail });

/** @throws COLLECTION_EXPORT_PROFILE_INVALID with the first thing that is wrong */
export function checkProfile(catalog: Catalog, profile: Profile): CollectionSpec {
  const collection = catalog.collections.get(profile.collection);
  if (collection === undefined) throw invalid('the catalogue has no such collection');
  if (!catalog.purposes.has(profile.purpose)) throw invalid('the catalogue has no such purpose');
  const names = Object.keys(profile.kind === 'records' ? profile.fields : profile.dimensions);
  if (names.length === 0) throw invalid('nothing would leave');
  for (const name of names) {
    const spec = collection.fields.get(name);
    if (spec === undefined && name !== SUBJECT) throw invalid(`${collection.name} has no such field`);
    if (
      spec !== undefined &&
      profile.recipient.where === 'outside' &&
      !spec.recipients.includes(profile.recipient.name)
    )
      throw invalid(`the catalogue does not say that ${profile.recipient.name} receives ${name}`);
  }
  if (profile.kind === 'records') checkRecords(collection, profile);
  else checkCounts(collection, profile);
  return collection;
}

function checkRecords(collection: CollectionSpec, { fields, k, l }: RecordsProfile): void {
  const grouped = k > 1 || l > 1;
  const roles = { quasi: 0, sensitive: 0 };
  for (const [name, { as, role, steps = [] }] of Object.entries(fields)) {
    if (role !== undefined) roles[role] += 1;
    if (name === SUBJECT) {
      if (as !== 'pseudonym' || role !== undefined) throw invalid('a person leaves as a pseudonym, or not');
      continue;
    }
    const fault = checkSteps(collection.fields.get(name) as FieldSpec, steps);
    if (fault !== null) throw invalid(`${name}: ${fault}`);
    if (as === 'coarsen' && steps.length === 0) throw invalid(`${name}: say by which steps`);
    if (steps.length > MOST_STEPS) throw invalid(`${name}: at most ${MOST_STEPS} steps`);
    if ((as === 'mask' || as === 'pseudonym') && steps.length > 0) throw invalid(`${name}: steps are of values`);
    if (steps.length > (as === 'coarsen' ? 1 : 0) && role !== 'quasi')
      throw invalid(`${name}: further steps are taken of quasi-identifiers only`);
    // what tells records apart beside the quasi-identifiers would undo the groups
    if (grouped && as === 'pseudonym') throw invalid(`${name}: with k or l only ${SUBJECT} may be a pseudonym`);
    if (grouped && role === undefined) throw invalid(`${name}: with k or l say whether it is quasi or sensitive`);
  }
  if (roles.quasi > MOST_QUASI) throw invalid(`at most ${MOST_QUASI} quasi-identifiers`);
  if (roles.sensitive > MOST_SENSITIVE) throw invalid(`at most ${MOST_SENSITIVE} sensitive fields`);
  if (grouped && roles.quasi === 0) throw invalid('k and l are about quasi-identifiers: name at least one');
  if (l > 1 && roles.sensitive === 0) throw invalid('l is about sensitive fields: name at least one');
  if (l > 1 && k < l) throw invalid('among fewer than l people there are no l values: k is at least l');
}

function checkCounts(collection: CollectionSpec, profile: CountsProfile): void {
  for (const [name, { step }] of Object.entries(profile.dimensions)) {
    const spec = collection.fields.get(name);
    if (spec === undefined) throw invalid(`${name} cannot be counted by`);
    const fault = step === undefined ? null : checkSteps(spec, [step]);
    if (fault !== null) throw invalid(`${name}: ${fault}`);
    if (groupsOf(spec, profile.dimensions[name] as Dimension).length === 0)
      throw invalid(`${name}: say into which values; they must not come from the data`);
  }
  if (profile.maxEpsilonMilli > profile.budgetMilli) throw invalid('one answer cannot cost more than the whole budget');
}

/** The groups that are counted by one field, beside all others together. */
export function groupsOf({ type, values: choices }: FieldSpec, { values }: Dimension): readonly string[] {
  return [...new Set(values ?? choices ?? (type === 'boolean' ? ['true', 'false'] : []))];
}

/** Which group a value is in, as its text; null: absent. */
export function labelOf({ step }: Dimension, value: CellValue): string | null {
  const made = step === undefined ? value : takeStep(parseStep(step) as Step, value);
  return made === null || typeof made === 'object' ? null : String(made);
}
