/**
 * What changes from one version of the catalogue to the next, and whether what is stored still fits.
 *
 * breaking: stored values, or callers, no longer fit. rebuild: an index must be built before the search is whole.
 * notice: what subjects were told changes. safe: everything else.
 */
import type { Catalog, CollectionSpec, FieldPurpose, FieldSpec } from './catalog.ts';
import { canonicalJson } from './catalog-version.ts';

export type ChangeEffect = 'breaking' | 'rebuild' | 'notice' | 'safe';
export type CatalogChange = Readonly<{ path: string; effect: ChangeEffect; says: string }>;
export type CatalogDiff = Readonly<{ compatible: boolean; changes: readonly CatalogChange[] }>;

type Add = (path: string, effect: ChangeEffect, says: string) => void;

/** @returns `compatible` when no change is breaking; the same version has no changes */
export function diffCatalogs(before: Catalog, after: Catalog): CatalogDiff {
  const changes: CatalogChange[] = [];
  const add: Add = (path, effect, says) => changes.push({ path, effect, says });
  if (before.version !== after.version) {
    for (const [id, purpose] of before.purposes) {
      const now = after.purposes.get(id);
      if (now === undefined) add(`purposes.${id}`, 'breaking', 'the purpose is gone: reads that name it are refused');
      else if (canonicalJson(now) !== canonicalJson(purpose)) add(`purposes.${id}`, 'notice', 'the purpose changed');
    }
    for (const id of after.purposes.keys())
      if (!before.purposes.has(id)) add(`purposes.${id}`, 'notice', 'a new purpose');
    for (const [name, collection] of before.collections) {
      const now = after.collections.get(name);
      if (now === undefined)
        add(`collections.${name}`, 'breaking', 'the collection is gone: its records cannot be read');
      else diffCollection(collection, now, add);
    }
    for (const name of after.collections.keys())
      if (!before.collections.has(name)) add(`collections.${name}`, 'notice', 'a new collection');
  }
  return { compatible: changes.every((change) => change.effect !== 'breaking'), changes };
}

function diffCollection(before: CollectionSpec, after: CollectionSpec, add: Add): void {
  const path = `collections.${before.name}`;
  if (before.externalId.normalise !== after.externalId.normalise) {
    add(
      `${path}.externalId`,
      'breaking',
      'external ids are compared in another way: known subjects would not be found',
    );
  }
  if (before.subjectCategory !== after.subjectCategory)
    add(`${path}.subject`, 'notice', 'whose records these are changed');
  diffAttachments(`${path}.attachments`, before.attachments, after.attachments, add);
  for (const [name, field] of before.fields) {
    const now = after.fields.get(name);
    if (now === undefined)
      add(`${path}.fields.${name}`, 'breaking', 'the field is gone: what is stored in it cannot be read');
    else diffField(`${path}.fields.${name}`, field, now, add);
  }
  for (const [name, field] of after.fields) {
    if (before.fields.has(name)) continue;
    add(
      `${path}.fields.${name}`,
      field.required ? 'breaking' : 'notice',
      field.required ? 'a new field is required: stored records lack it' : 'a new field',
    );
  }
}

function diffAttachments(path: string, before: FieldSpec | null, after: FieldSpec | null, add: Add): void {
  if (before === null) {
    if (after !== null) add(path, 'notice', 'the collection takes attachments now');
  } else if (after === null) add(path, 'breaking', 'attachments are gone: those stored cannot be read');
  else {
    // all attachments are sealed under one key of their own, so another class is no other key: only who may read changes
    if (before.class !== after.class)
      add(`${path}.class`, 'notice', `the class changed from ${before.class} to ${after.class}`);
    for (const recipient of after.recipients)
      if (!before.recipients.includes(recipient)) add(`${path}.recipients`, 'notice', 'a new recipient');
    diffPurposes(path, before.purposes, after.purposes, add);
  }
}

function diffField(path: string, before: FieldSpec, after: FieldSpec, add: Add): void {
  if (before.type !== after.type) {
    add(`${path}.type`, 'breaking', `the type changed from ${before.type} to ${after.type}`);
  }
  if (before.class !== after.class)
    add(
      `${path}.class`,
      'breaking',
      `the class changed from ${before.class} to ${after.class}: stored values are sealed under the key of the old class`,
    );
  if (after.required && !before.required)
    add(`${path}.required`, 'breaking', 'the field became required: stored records may lack it');
  if (after.maxLength < before.maxLength)
    add(`${path}.maxLength`, 'breaking', `the longest value went down from ${before.maxLength} to ${after.maxLength}`);
  if ((before.values ?? []).some((value) => !(after.values ?? []).includes(value)) && after.type === 'choice') {
    add(`${path}.values`, 'breaking', 'a value is no longer allowed');
  }
  if (canonicalJson(before.search) !== canonicalJson(after.search))
    add(`${path}.search`, after.search.length === 0 ? 'safe' : 'rebuild', 'the search changed');
  if (before.country !== after.country && after.type === 'phone' && after.search.length > 0)
    add(`${path}.country`, 'rebuild', 'numbers are normalised for another country');
  if (before.mask !== after.mask) add(`${path}.mask`, 'safe', `the mask changed from ${before.mask} to ${after.mask}`);
  for (const recipient of after.recipients)
    if (!before.recipients.includes(recipient)) add(`${path}.recipients`, 'notice', 'a new recipient');
  diffPurposes(path, before.purposes, after.purposes, add);
}

function diffPurposes(path: string, before: readonly FieldPurpose[], after: readonly FieldPurpose[], add: Add): void {
  for (const purpose of before)
    if (!after.some((one) => one.id === purpose.id))
      add(`${path}.purposes`, 'notice', `no longer held for ${purpose.id}`);
  for (const purpose of after) {
    const was = before.find((one) => one.id === purpose.id);
    if (was === undefined) add(`${path}.purposes`, 'notice', `now also held for ${purpose.id}`);
    else if (canonicalJson(was) !== canonicalJson(purpose))
      add(`${path}.purposes`, 'notice', `legal basis or retention changed for ${purpose.id}`);
  }
}
