/** Detection in text by others, each as its own documentation says to use it, its findings brought to our types. */
import type { DetectedType } from '#practices/collection';

import type { Peers } from '../peers.ts';
import type { Missing } from '../row.ts';
import type { LabelledSpan } from './generate.ts';

export type TextDetector = Readonly<{ name: string; find: (text: string) => Promise<LabelledSpan[]> | LabelledSpan[] }>;

type Redactor = { redact: (text: string) => string };
type RedactPii = { SyncRedactor: new () => Redactor };

/** What it writes in place of what it takes away; those of null are types that are not measured. */
const REDACT_PII: Readonly<Record<string, DetectedType | null>> = {
  PERSON_NAME: 'person-name',
  EMAIL_ADDRESS: 'email',
  PHONE_NUMBER: 'phone',
  CREDIT_CARD_NUMBER: 'payment-card',
  IP_ADDRESS: 'ip-address',
  US_SOCIAL_SECURITY_NUMBER: 'national-id',
  STREET_ADDRESS: null,
  USERNAME: null,
  PASSWORD: null,
  CREDENTIALS: null,
  ZIPCODE: null,
  URL: null,
  DIGITS: null,
};
const WRITTEN = new RegExp(`(${Object.keys(REDACT_PII).join('|')})`);

/** It hands out text only: what it took away is found by what it left. Names side by side count as one. */
export function redactPii(peers: Peers, missing: Missing[]): TextDetector[] {
  const found = peers.load('redact-pii', missing) as RedactPii | null;
  if (found === null) return [];
  const redactor = new found.SyncRedactor();
  return [{ name: 'redact-pii', find: (text) => spansLeft(text, redactor.redact(text)) }];
}

function spansLeft(text: string, redacted: string): LabelledSpan[] {
  const parts = redacted.split(WRITTEN);
  const spans: LabelledSpan[] = [];
  let at = (parts[0] ?? '').length;
  for (let i = 1; i < parts.length; i += 2) {
    const type = REDACT_PII[parts[i] as string] ?? null;
    const kept = parts[i + 1] ?? '';
    const next = kept === '' ? text.length : text.indexOf(kept, at);
    const end = next < 0 ? text.length : next;
    const last = spans.at(-1);
    if (type !== null && last?.type === type && last.end >= at - 1) spans[spans.length - 1] = { ...last, end };
    else if (type !== null) spans.push({ type, start: at, end });
    at = end + kept.length;
  }
  return spans;
}

type Detection = { type: string; position: [number, number] };
type OpenRedaction = { OpenRedaction: new () => { detect: (text: string) => Promise<{ detections: Detection[] }> } };

const OPEN_REDACTION: ReadonlyArray<readonly [start: string, type: DetectedType]> = [
  ['NAME', 'person-name'],
  ['PERSON', 'person-name'],
  ['EMAIL', 'email'],
  ['PHONE', 'phone'],
  ['CREDIT_CARD', 'payment-card'],
  ['IPV', 'ip-address'],
  ['IP_', 'ip-address'],
  ['SSN', 'national-id'],
  ['IBAN', 'iban'],
];

export function openRedaction(peers: Peers, missing: Missing[]): TextDetector[] {
  const found = peers.load('@openredaction/openredaction', missing) as OpenRedaction | null;
  if (found === null) return [];
  const detector = new found.OpenRedaction();
  return [
    {
      name: '@openredaction/openredaction',
      find: async (text) => {
        const { detections } = await detector.detect(text);
        return detections.flatMap(({ type: name, position: [start, end] }) => {
          const type = OPEN_REDACTION.find(([head]) => name.startsWith(head))?.[1];
          return type === undefined ? [] : [{ type, start, end }];
        });
      },
    },
  ];
}
