/**
 * Records of consent, and receipts: JWS (RFC 7515, compact) with Ed25519 (RFC 8037) over canonical JSON (RFC 8785), for
 * the person to keep and to verify without us. Members have the sections of ISO/IEC TS 27560:2023.
 * Format: docs/formats/consent-event.md
 */
import { createHash, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';

import { canonicalJson, type Json } from '#platform/audit';
import type { Catalog, Purpose } from '#practices/collection';

export type ReceiptKey = Readonly<{ kid: string; privateKey: KeyObject; jwk: Readonly<Record<string, string>> }>;

const TYPE = 'consent-receipt+jws';

/** The key id is its own thumbprint (RFC 7638). */
export function receiptKey(privateKey: KeyObject): ReceiptKey {
  const { crv, kty, x } = createPublicKey(privateKey).export({ format: 'jwk' }) as Record<'crv' | 'kty' | 'x', string>;
  const kid = createHash('sha256').update(canonicalJson({ crv, kty, x })).digest('base64url');
  return { kid, privateKey, jwk: { kty, crv, x, kid, alg: 'EdDSA', use: 'sig' } };
}

const part = (value: Json): string => Buffer.from(canonicalJson(value)).toString('base64url');

export function signReceipt({ kid, privateKey }: ReceiptKey, payload: Json): string {
  const text = `${part({ alg: 'EdDSA', kid, typ: TYPE })}.${part(payload)}`;
  return `${text}.${sign(null, Buffer.from(text), privateKey).toString('base64url')}`;
}

/** @param jwks the published key set @returns what was signed; null when it was not by one of these keys */
export function openReceipt(jws: string, jwks: readonly Readonly<Record<string, string>>[]): unknown {
  const [head = '', body = '', signature = '', more] = jws.split('.');
  if (more !== undefined) return null;
  try {
    const { alg, kid, typ } = JSON.parse(Buffer.from(head, 'base64url').toString()) as Record<string, unknown>;
    const jwk = jwks.find((each) => each.kid === kid);
    if (alg !== 'EdDSA' || typ !== TYPE || jwk === undefined) return null;
    const { kty = '', crv = '', x = '' } = jwk;
    const key = createPublicKey({ key: { kty, crv, x }, format: 'jwk' });
    const signed = verify(null, Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'));
    return signed ? JSON.parse(Buffer.from(body, 'base64url').toString()) : null;
  } catch {
    return null;
  }
}

export type Controller = Readonly<{ name: string; contact: string | null; url: string | null }>;
export type RecordParts = Readonly<{
  eventId: string;
  holder: string;
  said: string;
  purpose: Purpose;
  at: Date;
  expiresAt: Date | null;
  /** By whom it was told: `subject`, or the key or person that recorded it. */
  recordedBy: string;
  shown: Readonly<{
    text: string | null;
    language: string | null;
    variant: string | null;
    method: string;
    notice: string | null;
    jurisdiction: string | null;
    evidence: string | null;
  }>;
  controller: Controller;
  withdrawal: string;
}>;

/** The record as it is kept, sealed, and as the receipt shows it; what the catalogue said at that moment is part of it. */
export function consentRecord(catalog: Catalog, parts: RecordParts): { readonly [key: string]: Json | undefined } {
  const { purpose, shown, controller } = parts;
  const held = [...catalog.collections.values()].flatMap((collection) =>
    [...collection.fields.values()].flatMap((field) => {
      const why = field.purposes.find(({ id }) => id === purpose.id || purpose.id.startsWith(`${id}.`));
      return why === undefined ? [] : [{ field, why }];
    }),
  );
  const retention = [...new Set(held.map(({ why }) => `${why.retention.for} after ${why.retention.after}`))];
  return {
    schema_version: 'ISO/IEC TS 27560:2023',
    record_id: parts.eventId,
    pii_principal_id: parts.holder,
    pii_processing: [
      {
        privacy_notice: shown.notice,
        language: shown.language,
        text_shown: shown.text,
        interface_variant: shown.variant,
        purposes: [
          {
            purpose: purpose.id,
            purpose_name: purpose.title,
            lawful_basis: purpose.legalBasis,
            pii_information: held.map(({ field }) => ({
              pii_type: field.category ?? field.name,
              pii_attribute_id: field.name,
              sensitive_pii_category: field.class === 'special',
            })),
            recipient_third_parties: [...new Set(held.flatMap(({ field }) => field.recipients))],
            retention_period: retention,
            collection_method: shown.method,
            withdrawal_method: parts.withdrawal,
            jurisdiction: shown.jurisdiction,
          },
        ],
      },
    ],
    party_identification: [
      {
        party_id: 'controller',
        party_name: controller.name,
        party_contact: controller.contact,
        party_url: controller.url,
        party_role: 'PII controller',
      },
    ],
    event: [
      {
        event_time: parts.at.toISOString(),
        event_state: parts.said,
        event_type: 'explicit',
        entity_id: parts.recordedBy,
        valid_until: parts.expiresAt?.toISOString() ?? null,
        evidence: shown.evidence,
      },
    ],
  };
}
