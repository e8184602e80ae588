/**
 * The record of processing activities, from what the system enforces and how it is set up: one activity for each purpose that
 * something is held for. Nobody writes it by hand, so it cannot say anything else than what is done.
 * Source: GDPR art. 30(1)(a) to (g)
 */
import type { Catalog, CollectionSpec, FieldPurpose, FieldSpec, Purpose } from '../catalog.ts';
import { basesInWords, keptInWords } from './in-words.ts';

export type RecordField = Readonly<{
  collection: string;
  field: string;
  title: string;
  class: string;
  category: string | null;
  source: string | null;
}>;
export type RecordRecipient = Readonly<{
  id: string;
  title: string;
  /** ISO 3166-1 alpha-2; null where the catalogue does not say. */
  country: string | null;
  safeguard: string | null;
}>;
export type RecordRetention = Readonly<{
  after: string;
  event: string;
  for: string;
  action: string;
  /** All of this in words. */
  says: string;
  fields: readonly string[];
}>;
export type RecordActivity = Readonly<{
  purpose: string;
  title: string;
  description: string | null;
  /** Of the fields: each may have one of its own. */
  legalBases: readonly string[];
  art9: readonly string[];
  /** Both of them, in words. */
  basis: string;
  needsConsent: boolean;
  until: string | null;
  /** Whose data. */
  subjects: readonly string[];
  fields: readonly RecordField[];
  recipients: readonly RecordRecipient[];
  retention: readonly RecordRetention[];
}>;
export type Controller = Readonly<{ name: string; contact: string | null }>;
export type RecordOfProcessing = Readonly<{
  controller: Controller;
  /** Of the catalogue. */
  version: string;
  hash: string;
  generatedAt: string;
  activities: readonly RecordActivity[];
  /** Technical and organisational measures, as they are set up. */
  measures: readonly string[];
}>;

type Held = Readonly<{ collection: CollectionSpec; field: FieldSpec; why: FieldPurpose }>;

export function recordOfProcessing(
  catalog: Catalog,
  about: Readonly<{ controller: Controller; version: string; generatedAt: Date; measures: readonly string[] }>,
): RecordOfProcessing {
  const held = new Map<string, Held[]>();
  for (const collection of catalog.collections.values())
    for (const field of [
      ...collection.fields.values(),
      ...(collection.attachments === null ? [] : [collection.attachments]),
    ])
      for (const why of field.purposes) held.set(why.id, [...(held.get(why.id) ?? []), { collection, field, why }]);
  return {
    controller: about.controller,
    version: about.version,
    hash: catalog.version,
    generatedAt: about.generatedAt.toISOString(),
    activities: [...held.keys()]
      .toSorted()
      .map((id) => activityOf(catalog, catalog.purposes.get(id) as Purpose, held.get(id) as Held[])),
    measures: about.measures,
  };
}

const each = <T>(values: readonly T[]): T[] => [...new Set(values)];

function activityOf(catalog: Catalog, purpose: Purpose, held: readonly Held[]): RecordActivity {
  const legalBases = each(held.map(({ why }) => why.legalBasis));
  const art9 = each(held.flatMap(({ why }) => why.art9 ?? []));
  return {
    purpose: purpose.id,
    title: purpose.title,
    description: purpose.description,
    legalBases,
    art9,
    basis: basesInWords(legalBases, art9),
    needsConsent: held.some(({ why }) => why.requiresConsent),
    until: purpose.until,
    subjects: each(held.map(({ collection }) => collection.subjectCategory)),
    fields: held.map(({ collection, field }) => ({
      collection: collection.name,
      field: field.name,
      title: field.title,
      class: field.class,
      category: field.category,
      source: field.source,
    })),
    recipients: each(held.flatMap(({ field }) => field.recipients)).map((id) => {
      const known = catalog.recipients.get(id);
      return { id, title: known?.title ?? id, country: known?.country ?? null, safeguard: known?.safeguard ?? null };
    }),
    retention: retentionOf(catalog, held),
  };
}

/** Fields that are kept alike stand together. */
function retentionOf(catalog: Catalog, held: readonly Held[]): RecordRetention[] {
  const alike = new Map<string, RecordRetention & { fields: string[] }>();
  for (const { collection, field, why } of held) {
    const { after, for: period, action } = why.retention;
    const key = `${after} ${period} ${action}`;
    const event = catalog.events.get(after) ?? after;
    const says = keptInWords({ action, for: period, event });
    const known = alike.get(key) ?? { after, event, for: period, action, says, fields: [] };
    known.fields.push(`${collection.name}.${field.name}`);
    alike.set(key, known);
  }
  return [...alike.values()];
}
