/**
 * What changes from one version of the catalogue to the next, and whether what is stored still fits.
 *
 * breaking: stored values, or callers, no longer fit. rebuild: an index must be built before the search is whole.
 * notice: what subjects were told changes. safe: everything else.
 */
import type { Catalog, CollectionSpec, FieldSpec } from './catalog.ts';
import { canonicalJson } from './catalog-version.ts';
import { diffLimits, diffPurposes, diffRecipients } from './diff-purposes.ts';

export type ChangeEffect = 'breaking' | 'rebuild' | 'notice' | 'safe';
/** A collection, one of its fields, or its attachments. */
export type CatalogPart = Readonly<{ collection: string; field: string | null; attachments?: true }>;
export type CatalogChange = Readonly<{
  path: string;
  /** What kind of change, in one word or two: `added`, `gone`, `class`, `retention-longer`. */
  kind: string;
  effect: ChangeEffect;
  says: string;
  /** What nobody could read, or nobody would find, any more if something of it is stored; null where nothing would be lost. */
  orphans: CatalogPart | null;
}>;
export type CatalogDiff = Readonly<{ compatible: boolean; changes: readonly CatalogChange[] }>;

export type Add = (path: string, kind: string, effect: ChangeEffect, says: string, orphans?: CatalogPart) => void;

/** @returns `compatible` when no change is breaking; the same version has no changes */
export function diffCatalogs(before: Catalog, after: Catalog): CatalogDiff {
  const changes: CatalogChange[] = [];
  const add: Add = (path, kind, effect, says, orphans) =>
    changes.push({ path, kind, effect, says, orphans: orphans ?? null });
  if (before.version !== after.version) {
    for (const [id, purpose] of before.purposes) {
      const now = after.purposes.get(id);
      if (now === undefined)
        add(`purposes.${id}`, 'gone', 'breaking', 'the purpose is gone: reads that name it are refused');
      else if (now.legalBasis !== purpose.legalBasis)
        add(`purposes.${id}`, 'legal-basis', 'notice', `the legal basis changed to ${now.legalBasis ?? 'none'}`);
      else if (canonicalJson(now) !== canonicalJson(purpose))
        add(`purposes.${id}`, 'changed', 'notice', 'the purpose changed');
    }
    for (const id of after.purposes.keys())
      if (!before.purposes.has(id)) add(`purposes.${id}`, 'added', 'notice', 'a new purpose');
    for (const [id, recipient] of after.recipients) {
      const was = before.recipients.get(id);
      if (canonicalJson(was ?? null) !== canonicalJson(recipient))
        add(
          `recipients.${id}`,
          was === undefined ? 'added' : 'changed',
          'notice',
          `${recipient.title}: ${recipient.country ?? 'no country'}${recipient.safeguard === null ? '' : `, ${recipient.safeguard}`}`,
        );
    }
    for (const [name, collection] of before.collections) {
      const now = after.collections.get(name);
      if (now === undefined)
        add(`collections.${name}`, 'gone', 'breaking', 'the collection is gone: its records cannot be read', {
          collection: name,
          field: null,
        });
      else diffCollection(collection, now, add);
    }
    for (const name of after.collections.keys())
      if (!before.collections.has(name)) add(`collections.${name}`, 'added', 'notice', 'a new collection');
    // what has no line above is told of all the same: nothing changes unseen
    if (changes.length === 0) add('', 'wording', 'safe', 'titles, descriptions or events changed');
  }
  return { compatible: changes.every((change) => change.effect !== 'breaking'), changes };
}

function diffCollection(before: CollectionSpec, after: CollectionSpec, add: Add): void {
  const { name } = before;
  const path = `collections.${name}`;
  if (before.externalId.normalise !== after.externalId.normalise) {
    const says = 'external ids are compared in another way: known subjects would not be found';
    add(`${path}.externalId`, 'external-id', 'breaking', says, { collection: name, field: null });
  }
  if (before.subjectCategory !== after.subjectCategory)
    add(`${path}.subject`, 'subject', 'notice', 'whose records these are changed');
  if (before.owner !== after.owner)
    add(`${path}.owner`, 'owner', 'safe', `the owner changed from ${before.owner} to ${after.owner}`);
  if (before.gate !== after.gate)
    add(`${path}.gate`, 'gate', 'safe', `the gate went from ${before.gate ?? 'observe'} to ${after.gate ?? 'observe'}`);
  diffAttachments(name, before.attachments, after.attachments, add);
  for (const [fieldName, field] of before.fields) {
    const now = after.fields.get(fieldName);
    const at = `${path}.fields.${fieldName}`;
    if (now === undefined)
      add(at, 'gone', 'breaking', 'the field is gone: what is stored in it cannot be read', {
        collection: name,
        field: fieldName,
      });
    else diffField(at, { collection: name, field: fieldName }, field, now, add);
  }
  for (const [fieldName, field] of after.fields) {
    if (before.fields.has(fieldName)) continue;
    const says = field.required
      ? 'a new field is required: stored records lack it'
      : `a new field of class ${field.class}`;
    add(`${path}.fields.${fieldName}`, 'added', field.required ? 'breaking' : 'notice', says);
    if (field.search.length > 0) add(`${path}.fields.${fieldName}.search`, 'search', 'rebuild', 'a new search');
  }
}

const precision = ({ minimise }: FieldSpec): string =>
  minimise === null ? 'as it comes' : `as ${minimise.kind}${minimise.size === null ? '' : ` ${minimise.size}`}`;

function diffAttachments(collection: string, before: FieldSpec | null, after: FieldSpec | null, add: Add): void {
  const path = `collections.${collection}.attachments`;
  if (before === null) {
    if (after !== null) add(path, 'added', 'notice', 'the collection takes attachments now');
  } else if (after === null)
    add(path, 'gone', 'breaking', 'attachments are gone: those stored cannot be read', {
      collection,
      field: null,
      attachments: true,
    });
  else {
    // all attachments are sealed under one key of their own, so another class is no other key: only who may read changes
    if (before.class !== after.class)
      add(`${path}.class`, 'class', 'notice', `the class changed from ${before.class} to ${after.class}`);
    diffRecipients(path, before, after, add);
    diffPurposes(path, before.purposes, after.purposes, add);
    diffLimits(path, before, after, add);
  }
}

function diffField(path: string, part: CatalogPart, before: FieldSpec, after: FieldSpec, add: Add): void {
  if (before.type !== after.type)
    add(`${path}.type`, 'type', 'breaking', `the type changed from ${before.type} to ${after.type}`, part);
  if (before.class !== after.class) {
    const says = `the class changed from ${before.class} to ${after.class}: stored values are sealed under the key of the old class`;
    add(`${path}.class`, 'class', 'breaking', says, part);
  }
  if (after.required && !before.required)
    add(`${path}.required`, 'required', 'breaking', 'the field became required: stored records may lack it');
  if (before.required && !after.required) add(`${path}.required`, 'optional', 'safe', 'the field may be left out');
  if (after.maxLength < before.maxLength) {
    const says = `the longest value went down from ${before.maxLength} to ${after.maxLength}`;
    add(`${path}.maxLength`, 'shorter', 'breaking', says);
  }
  if ((before.values ?? []).some((value) => !(after.values ?? []).includes(value)) && after.type === 'choice')
    add(`${path}.values`, 'values', 'breaking', 'a value is no longer allowed');
  if (canonicalJson(before.search) !== canonicalJson(after.search))
    add(`${path}.search`, 'search', 'rebuild', after.search.length === 0 ? 'the search is gone' : 'the search changed');
  if (before.country !== after.country && after.type === 'phone' && after.search.length > 0)
    add(`${path}.country`, 'country', 'rebuild', 'numbers are normalised for another country');
  if (before.mask !== after.mask)
    add(`${path}.mask`, 'mask', 'safe', `the mask changed from ${before.mask} to ${after.mask}`);
  if (canonicalJson(before.minimise) !== canonicalJson(after.minimise))
    add(`${path}.minimise`, 'precision', 'notice', `stored ${precision(after)} instead of ${precision(before)}`);
  if (canonicalJson(before.gate) !== canonicalJson(after.gate))
    add(`${path}.gate`, 'gate', 'safe', 'what becomes of findings in its text changed');
  if (canonicalJson(before.ledger) !== canonicalJson(after.ledger))
    add(`${path}.ledger`, 'ledger', 'notice', 'what its subject sees of who looked at it changed');
  if (before.source !== after.source) add(`${path}.source`, 'source', 'notice', 'where it comes from changed');
  if (before.category !== after.category) add(`${path}.category`, 'category', 'notice', 'the category changed');
  if (before.portable !== after.portable)
    add(`${path}.portable`, 'portable', 'notice', `its subject's own copy ${after.portable ? 'has it now' : 'has it no longer'}`); // prettier-ignore
  if (before.owner !== after.owner)
    add(`${path}.owner`, 'owner', 'safe', `who answers for it changed to ${after.owner ?? "the collection's owner"}`);
  diffRecipients(path, before, after, add);
  diffPurposes(path, before.purposes, after.purposes, add);
  diffLimits(path, before, after, add);
}

/** Whether the index has to be made anew: a field is searched otherwise, or comes with a search, or went with one. */
export function needsIndex(before: Catalog, after: Catalog): boolean {
  for (const [name, { externalId, fields }] of before.collections) {
    const now = after.collections.get(name);
    if (now === undefined) continue;
    if (externalId.normalise !== now.externalId.normalise) return true;
    for (const field of new Set([...fields.keys(), ...now.fields.keys()]))
      if (indexOf(fields.get(field)) !== indexOf(now.fields.get(field))) return true;
  }
  return false;
}

/** What an index is made by; empty where there is none. */
function indexOf(field: FieldSpec | undefined): string {
  if (field === undefined || field.search.length === 0) return '';
  return canonicalJson([field.type, field.type === 'phone' ? field.country : null, field.search]);
}
