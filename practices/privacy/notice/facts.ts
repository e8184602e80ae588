/**
 * What a notice claims: read off the catalogue and the settings that the system works by, in no language yet.
 *
 * INVARIANT: a claim is in a notice only by being in here, and it is in here only by being read from what is enforced. So
 * a published notice whose facts are not today's facts is a finding, and needs nobody to notice.
 */
import { createHash } from 'node:crypto';

import { canonicalJson, type Json } from '#platform/audit';
import type { Catalog, FieldSpec } from '#practices/collection';

import { choiceOf, type Choice } from '../consent/said.ts';

export type NoticeSettings = Readonly<{
  controller: string;
  contact: string | null;
  /** Where the data is stored and used: ISO 3166-1. */
  regions: readonly string[];
  /** After so many days at most, copies of what was erased cannot be opened any more. */
  epochDays: number;
}>;
export type Kept = Readonly<{ for: string; after: string; action: string }>;
export type FieldFacts = Readonly<{
  name: string;
  class: string;
  category: string | null;
  source: string | null;
  recipients: readonly string[];
  portable: boolean;
  purposes: readonly Readonly<{ id: string; basis: string; art9: string | null; needsConsent: boolean; kept: Kept }>[];
}>;
export type NoticeFacts = Readonly<{
  schema: 'strongroom/notice/1';
  controller: string;
  contact: string | null;
  regions: readonly string[];
  epochDays: number;
  purposes: readonly Readonly<{ id: string; basis: string | null; choice: Choice; sharedForAds: boolean }>[];
  collections: readonly Readonly<{ name: string; subjects: string; fields: readonly FieldFacts[] }>[];
}>;

export function noticeFacts(catalog: Catalog, settings: NoticeSettings): NoticeFacts {
  const used = new Set<string>();
  const fieldFacts = (field: FieldSpec): FieldFacts => ({
    name: field.name,
    class: field.class,
    category: field.category,
    source: field.source,
    recipients: field.recipients,
    portable: field.portable,
    purposes: field.purposes.map(({ id, legalBasis, art9, requiresConsent, retention }) => {
      used.add(id);
      return { id, basis: legalBasis, art9, needsConsent: requiresConsent, kept: { for: retention.for, after: retention.after, action: retention.action } }; // prettier-ignore
    }),
  });
  const collections = [...catalog.collections.values()].map((collection) => ({
    name: collection.name,
    subjects: collection.subjectCategory,
    fields: [...collection.fields.values(), ...(collection.attachments === null ? [] : [collection.attachments])].map(fieldFacts),
  })); // prettier-ignore
  return {
    schema: 'strongroom/notice/1',
    ...settings,
    purposes: [...catalog.purposes.values()]
      .filter(({ id }) => used.has(id))
      .map((purpose) => ({
        id: purpose.id,
        basis: purpose.legalBasis,
        choice: choiceOf(catalog, purpose),
        sharedForAds: purpose.sharedForAds === true,
      })),
    collections,
  };
}

/** SHA-256 of the canonical form, 64 hex digits. */
export const hashOf = (value: unknown): string =>
  createHash('sha256')
    .update(canonicalJson(value as Json))
    .digest('hex');

export type Texts = Readonly<Record<string, string>>;
/** What the system itself calls otherwise where it speaks of them to others. */
const TO_CUSTOMERS: Texts = { 'consent.withdrawn': 'you withdraw your consent' };
const words = (id: string): string => id.replaceAll(/[-_]/g, ' ');

/** The words of the catalogue that a notice needs, in the language it is written in: what has to be translated. */
export function catalogTexts(catalog: Catalog): Texts {
  const facts = noticeFacts(catalog, { controller: '', contact: null, regions: [], epochDays: 0 });
  const texts: Record<string, string> = {};
  for (const { id } of facts.purposes) texts[`purpose.${id}`] = catalog.purposes.get(id)?.title ?? id;
  // a no to all below one is a choice too, though nothing is kept for it itself
  for (const purpose of catalog.purposes.values())
    if (choiceOf(catalog, purpose) !== 'none') texts[`purpose.${purpose.id}`] = purpose.title;
  for (const { name, fields } of facts.collections) {
    const collection = catalog.collections.get(name);
    texts[`collection.${name}`] = collection?.title ?? name;
    for (const field of fields) {
      const spec = collection?.fields.get(field.name) ?? collection?.attachments;
      texts[`field.${name}.${field.name}`] = spec?.title ?? field.name;
      for (const each of field.recipients) texts[`recipient.${each}`] = words(each);
      if (field.source !== null)
        texts[`source.${field.source}`] = field.source === 'subject' ? 'you' : words(field.source);
      for (const { kept } of field.purposes)
        texts[`event.${kept.after}`] = TO_CUSTOMERS[kept.after] ?? catalog.events.get(kept.after) ?? kept.after;
    }
  }
  return texts;
}
