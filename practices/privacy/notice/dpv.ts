/**
 * The notice for machines that know W3C's Data Privacy Vocabulary (DPV 2, JSON-LD): purposes, legal bases, categories,
 * recipients and storage. Source: https://w3id.org/dpv (terms `dpv:`, `eu-gdpr:`)
 */
import type { NoticeFacts } from './facts.ts';

const BASES: Readonly<Record<string, string>> = {
  consent: 'eu-gdpr:A6-1-a',
  contract: 'eu-gdpr:A6-1-b',
  'legal-obligation': 'eu-gdpr:A6-1-c',
  'vital-interest': 'eu-gdpr:A6-1-d',
  'public-task': 'eu-gdpr:A6-1-e',
  'legitimate-interest': 'eu-gdpr:A6-1-f',
};

export function dpvOf(facts: NoticeFacts, hash: string): object {
  const fields = facts.collections.flatMap(({ name, fields: held }) => held.map((field) => ({ name, field })));
  return {
    '@context': { dpv: 'https://w3id.org/dpv#', 'eu-gdpr': 'https://w3id.org/dpv/legal/eu/gdpr#', dct: 'http://purl.org/dc/terms/' },
    '@id': `urn:sha256:${hash}`,
    '@type': 'dpv:PrivacyNotice',
    'dpv:hasDataController': { '@type': 'dpv:DataController', 'dct:title': facts.controller, ...(facts.contact === null ? {} : { 'dpv:hasContact': facts.contact }) },
    'dpv:hasLocation': facts.regions.map((code) => ({ '@type': 'dpv:Country', 'dct:identifier': code })),
    'dpv:hasProcess': facts.purposes.map(({ id, basis }) => {
      const mine = fields.flatMap(({ name, field }) => field.purposes.filter((each) => each.id === id).map((why) => ({ name, field, why })));
      return {
        '@type': 'dpv:Process',
        'dpv:hasPurpose': { '@type': 'dpv:Purpose', 'dct:identifier': id },
        'dpv:hasLegalBasis': [...new Set([...mine.map(({ why }) => why.basis), ...(basis === null ? [] : [basis])])].map((each) => ({ '@id': BASES[each] ?? each })),
        'dpv:hasPersonalData': mine.map(({ name, field, why }) => ({
          '@type': field.class === 'special' ? 'dpv:SpecialCategoryPersonalData' : 'dpv:PersonalData',
          'dct:identifier': `${name}.${field.name}`,
          'dpv:hasStorageCondition': { '@type': 'dpv:StorageDuration', 'dpv:hasDuration': why.kept.for, 'dct:description': why.kept.after },
        })),
        'dpv:hasRecipient': [...new Set(mine.flatMap(({ field }) => field.recipients))].map((each) => ({ '@type': 'dpv:Recipient', 'dct:identifier': each })),
      };
    }),
  };
} // prettier-ignore
