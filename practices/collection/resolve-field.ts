/** One field of the catalogue: its defaults made explicit and its rules checked. */
import type { FieldPurpose, FieldSpec, FieldType, MaskKind, Purpose, Retention } from './catalog.ts';
import type { Report, Step } from './catalog-problem.ts';
import type { AttachmentsFile, FieldFile, RetentionFile } from './catalog-shape.ts';
import { resolveHandling } from './resolve-handling.ts';
import { resolveLimit, resolveRetention } from './retention.ts';
import { resolveSearch } from './resolve-search.ts';

export type FieldSurroundings = Readonly<{
  purposes: ReadonlyMap<string, Purpose>;
  events: ReadonlyMap<string, string>;
  /** Of the collection: for fields that declare none. */
  retention: RetentionFile | undefined;
  country: string | undefined;
  report: Report;
  /** What is no fault, and should be looked at. */
  warn: Report;
}>;

type TypeDefaults = Readonly<{ mask: MaskKind; maxLength: number }>;

/** Lengths in UTF-16 code units: RFC 5321 §4.5.3.1 (email), E.164 with room for writing (phone), ISO 13616 in groups (iban). */
const DEFAULTS: Readonly<Record<FieldType, TypeDefaults>> = {
  text: { mask: 'text', maxLength: 4096 },
  name: { mask: 'name', maxLength: 200 },
  email: { mask: 'email', maxLength: 254 },
  phone: { mask: 'phone', maxLength: 64 },
  date: { mask: 'date', maxLength: 10 },
  number: { mask: 'hide', maxLength: 32 },
  integer: { mask: 'hide', maxLength: 17 },
  boolean: { mask: 'hide', maxLength: 5 },
  card: { mask: 'card', maxLength: 32 },
  iban: { mask: 'card', maxLength: 42 },
  address: { mask: 'text', maxLength: 500 },
  country: { mask: 'text', maxLength: 100 },
  postcode: { mask: 'text', maxLength: 20 },
  json: { mask: 'hide', maxLength: 16_384 },
  choice: { mask: 'hide', maxLength: 200 },
};

/** Names that JavaScript gives a meaning of its own. */
const RESERVED = new Set(['constructor', 'prototype']);

/** A table's or field's name: it becomes a key of JSON, a word of labels and a part of audit entries. */
export function checkName(name: string, at: readonly Step[], report: Report): void {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(name)) {
    report(at, 'this is not a usable name', 'write 1 to 63 small letters, digits and _, beginning with a letter');
  } else if (RESERVED.has(name)) report(at, 'this name is reserved', 'choose another');
}

export function resolveField(name: string, file: FieldFile, at: readonly Step[], around: FieldSurroundings): FieldSpec {
  const { report } = around;
  checkName(name, at, report);
  const acknowledged = file.acknowledged ?? null;
  const mask = file.mask ?? defaultMask(file);
  if (mask === 'none' && (file.class === 'sensitive' || file.class === 'special')) {
    report(
      [...at, 'mask'],
      `a field of class ${file.class} is shown where it should be masked`,
      'remove mask: none; a masked reader must not see the value',
    );
  }
  if (mask === 'date' && file.type !== 'date')
    report([...at, 'mask'], 'the mask date is for dates', 'use text or hide');
  if ((file.values === undefined) === (file.type === 'choice')) {
    report(
      [...at, ...(file.values === undefined ? [] : ['values'])],
      file.type === 'choice' ? 'a choice has no values' : `a field of type ${file.type} has values`,
      'values: belongs to type choice and to no other',
    );
  }
  if (file.values !== undefined && new Set(file.values).size !== file.values.length)
    report([...at, 'values'], 'a value stands there twice', 'remove one');
  const country = file.country ?? around.country ?? null;
  if (file.country !== undefined) checkCountry(file.country, [...at, 'country'], report);
  return {
    name,
    type: file.type,
    class: file.class,
    title: file.title ?? titleOf(name),
    description: file.description ?? null,
    purposes: resolveFieldPurposes(file, at, around),
    search: resolveSearch(file.search, { type: file.type, class: file.class, acknowledged }, at, report),
    mask,
    required: file.required ?? false,
    maxLength: file.maxLength ?? DEFAULTS[file.type].maxLength,
    values: file.values ?? null,
    country: file.type === 'phone' ? country : (file.country ?? null),
    category: file.category ?? null,
    source: file.source ?? null,
    recipients: file.recipients ?? [],
    floor: resolveLimit(file.floor, [...at, 'floor'], around.events, report),
    ceiling: resolveLimit(file.ceiling, [...at, 'ceiling'], around.events, report),
    portable: file.portable ?? (file.class !== 'public' && file.class !== 'internal'),
    acknowledged,
    ...resolveHandling(file, at, around),
  };
}

/** Files beside a record are decided on like one field, of which nothing is shown to who may only see it masked. */
export function resolveAttachments(file: AttachmentsFile, at: readonly Step[], around: FieldSurroundings): FieldSpec {
  if (file.class === 'special')
    around.report(
      [...at, 'class'],
      'attachments cannot be of class special',
      'special data is sealed in two layers, attachments in one: keep it in a field',
    );
  return { ...resolveField('attachments', { type: 'text', ...file }, at, around), mask: 'hide' };
}

export function checkCountry(code: string, at: readonly Step[], report: Report): void {
  if (!/^[A-Z]{2}$/.test(code))
    report(at, 'this is not a country code', 'write ISO 3166-1 alpha-2 in capitals: DE, US, BR');
}

function defaultMask(file: FieldFile): MaskKind {
  if (file.class === 'public') return 'none';
  return file.class === 'special' ? 'hide' : DEFAULTS[file.type].mask;
}

function titleOf(name: string): string {
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function resolveFieldPurposes(file: FieldFile, at: readonly Step[], around: FieldSurroundings): FieldPurpose[] {
  const { report } = around;
  const declared = file.purposes ?? [];
  if (declared.length === 0)
    report(at, 'the field has no purpose', 'add purposes: with at least one, or do not hold this field');
  const fieldRetention = file.retention ?? around.retention;
  const shared: Retention | null =
    file.retention === undefined ? null : resolveRetention(file.retention, [...at, 'retention'], around.events, report);
  const seen = new Set<string>();
  const found: FieldPurpose[] = [];
  declared.forEach((entry, index) => {
    const own = typeof entry === 'string' ? { id: entry } : entry;
    const here = [...at, 'purposes', index];
    const purpose = around.purposes.get(own.id);
    if (purpose === undefined)
      return report(
        here,
        `the purpose ${own.id} is not declared`,
        'declare it under purposes:, or correct its spelling',
      );
    if (seen.has(own.id)) return report(here, `the purpose ${own.id} stands there twice`, 'keep one entry');
    seen.add(own.id);
    const legalBasis = own.legalBasis ?? file.legalBasis ?? purpose.legalBasis;
    if (legalBasis === null)
      return report(
        here,
        `the purpose ${own.id} only groups others and has no legal basis`,
        'use one of its children, or give it a legalBasis',
      );
    const art9 = own.art9 ?? file.art9 ?? purpose.art9;
    if (file.class === 'special' && art9 === null) {
      report(
        here,
        `class special under the purpose ${own.id} has no Art. 9 condition`,
        'add art9: to the field or the purpose, such as explicit-consent or health-care',
      );
    }
    let retention = shared;
    if (own.retention !== undefined)
      retention = resolveRetention(own.retention, [...here, 'retention'], around.events, report);
    else if (fieldRetention === undefined) {
      return report(
        here,
        'nothing says how long this field is kept',
        'add retention: {after: <event>, for: <duration>} to the field or its collection',
      );
    } else if (file.retention === undefined)
      retention = resolveRetention(fieldRetention, at, around.events, () => undefined);
    if (retention === null) return undefined;
    const requiresConsent = legalBasis === 'consent' || art9 === 'explicit-consent' || purpose.requiresConsent;
    checkCoarsening(file, retention, here, report);
    found.push({ id: own.id, legalBasis, requiresConsent, art9, until: purpose.until, retention });
    return undefined;
  });
  return found;
}

const COARSER: ReadonlySet<string> = new Set(['date', 'postcode']);

function checkCoarsening(file: FieldFile, { action }: Retention, at: readonly Step[], report: Report): void {
  if (action !== 'coarsen') return;
  if (!COARSER.has(file.type))
    report(
      at,
      `a field of type ${file.type} has no coarser form`,
      'coarsen a date or a postcode, erase everything else',
    );
  else if (JSON.stringify(file.search ?? '').includes('"unique":true'))
    report(at, 'a unique field cannot be coarsened', 'two coarse values would be the same: drop unique, or erase');
}
