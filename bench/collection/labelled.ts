/** The labelled sentences of presidio-research, if they are there: tested with, never shipped (identities CC BY-SA). */
import { existsSync, readFileSync } from 'node:fs';

import type { DetectedType } from '#practices/collection';

import type { LabelledText } from './generate.ts';

const PATH = '../shared/data/pii/presidio-research-generated-small.json';
/** Of the first half errors were looked at while the detectors were made; the second half was left alone. */
export const LOOKED_AT = 50;

const TYPES: Readonly<Record<string, DetectedType>> = {
  PERSON: 'person-name',
  EMAIL_ADDRESS: 'email',
  PHONE_NUMBER: 'phone',
  CREDIT_CARD: 'payment-card',
  IP_ADDRESS: 'ip-address',
  US_SSN: 'national-id',
  IBAN_CODE: 'iban',
};

type Sentence = {
  full_text: string;
  spans: readonly { entity_type: string; start_position: number; end_position: number }[];
};

export function labelledSentences(): LabelledText[] | null {
  if (!existsSync(PATH)) return null;
  return (JSON.parse(readFileSync(PATH, 'utf8')) as Sentence[]).map(({ full_text: text, spans }) => ({
    text,
    spans: spans.flatMap(({ entity_type: name, start_position: start, end_position: end }) => {
      const type = TYPES[name];
      return type === undefined ? [] : [{ type, start, end }];
    }),
  }));
}
