/**
 * Certificates of what was passed and signed. None is stored: each pass and each signature is one, and what it says is
 * looked up when it is made.
 *
 * INVARIANT: a stranger who checks one learns what is on it, and only with the name that is on it: an id that is no
 * certificate's and a name that is not its holder's get the same answer.
 */
import type { Audit } from '#platform/audit';
import type { Db } from '#platform/db';
import { parsePublicId, publicId, type Uuid } from '#platform/ids';

import type { By } from '../by.ts';
import { educationFailure } from '../failures.ts';
import type { Gate } from '../standing/gate.ts';
import { createZone, type Zone } from '../standing/zone.ts';
import { certificateRow, certificateRows, type CertificateRow } from '../store/certificates.ts';
import { rowsOf } from '../store/duties.ts';
import { versionsOfDuty, type Library } from '../texts/library.ts';
import { holds, type CertificateState } from './holds.ts';
import { certificatePdf } from './pdf.ts';

export type Certificate = Readonly<{
  id: string;
  kind: CertificateRow['kind'];
  text: string;
  title: string;
  /** Of the version that was passed or signed. */
  hash: string;
  at: Date;
  /** Null: until there is a version that must be done anew. */
  until: Date | null;
  state: CertificateState;
  /** client: a course made elsewhere, which said so by itself. */
  evidence: 'graded' | 'client';
  /** Index in the log; null of what was passed before it was noted. */
  entry: number | null;
}>;

/** Why somebody of the training team takes a copy of another one's. */
export const COPY_REASONS = ['audit', 'authority', 'contract', 'holder-asked'] as const;
export type CopyReason = (typeof COPY_REASONS)[number];

export type Certificates = {
  list: (person: string) => Promise<readonly Certificate[]>;
  /** Of one's own. @param zone where the days on it are counted. @throws EDUCATION_CERTIFICATE_NOT_FOUND, AUDIT_NOT_PUBLISHED */
  own: (person: string, id: string, zone?: string) => Promise<Buffer>;
  /** Of anybody's; who took it, of whom and why is in the log first. @throws the same */
  copy: (by: By, id: string, about: Readonly<{ because: CopyReason; zone?: string }>) => Promise<Buffer>;
  /** For strangers. @throws EDUCATION_CERTIFICATE_NOT_FOUND */
  check: (id: string, name: string) => Promise<Omit<Certificate, 'text'>>;
};

export type CertificateNeeds = Readonly<{
  db: Db;
  audit: Pick<Audit, 'append' | 'prove'>;
  gate: Gate;
  zone: Zone;
  /** Name of the IANA database that `zone` is of. */
  timeZone: string;
  /** Who gives it. */
  issuer: string;
  /** Of the page on which it is checked; null: it names the place only. */
  origin: string | null;
  /** Also of somebody who has left; null: there is nobody of this id. */
  nameOf: (person: string) => Promise<string | null>;
}>;

export function createCertificates(needs: CertificateNeeds): Certificates {
  const { db, audit, gate, timeZone } = needs;
  const zoneOf = (name: string): Zone => {
    try {
      return name === timeZone ? needs.zone : createZone(name);
    } catch {
      throw educationFailure('ZONE_UNKNOWN');
    }
  };
  const revokedOf = async (person: Uuid) => (await rowsOf(db, [person])).revoked;
  const said = (row: CertificateRow, revoked: Awaited<ReturnType<typeof revokedOf>>, library: Library): Certificate => {
    const of = revoked.filter(({ kind, text_id }) => kind === row.kind && text_id === row.text_id).map(({ at }) => at);
    const { state, until } = holds(row, of, library, needs.zone, gate.now());
    return {
      id: publicId('crt', row.id), kind: row.kind, text: row.text_id, title: titleOf(library, row), hash: row.hash, at: row.at, until, state, evidence: row.evidence,
      entry: row.entry === null ? null : Number(row.entry),
    };
  };
  const found = async (id: string): Promise<CertificateRow> => {
    const uuid = parsePublicId('crt', id);
    const row = uuid === null ? null : await certificateRow(db, uuid);
    if (row === null) throw educationFailure('CERTIFICATE_NOT_FOUND');
    return row;
  };
  const one = async (row: CertificateRow): Promise<Certificate> => {
    await gate.refresh();
    return said(row, await revokedOf(row.person_id), await gate.library());
  };
  const holder = async (row: CertificateRow): Promise<string> => {
    const name = await needs.nameOf(publicId('per', row.person_id));
    if (name === null) throw educationFailure('CERTIFICATE_NOT_FOUND');
    return name;
  };
  const print = async (row: CertificateRow, zone: string): Promise<Buffer> => {
    zoneOf(zone);
    const certificate = await one(row);
    const proof = certificate.entry === null ? null : await audit.prove(certificate.entry, { withEntry: true });
    return certificatePdf({ certificate, name: await holder(row), issuer: needs.issuer, zone, proof, checkAt: `${needs.origin ?? ''}/certificates` });
  };
  return {
    list: async (person) => {
      const id = parsePublicId('per', person);
      if (id === null) return [];
      await gate.refresh();
      const [rows, revoked, library] = await Promise.all([certificateRows(db, id), revokedOf(id), gate.library()]);
      return rows.map((row) => said(row, revoked, library));
    },
    own: async (person, id, zone = timeZone) => {
      const row = await found(id);
      // whose it is, is nobody else's business
      if (publicId('per', row.person_id) !== person) throw educationFailure('CERTIFICATE_NOT_FOUND');
      return print(row, zone);
    },
    copy: async (by, id, { because, zone = timeZone }) => {
      const row = await found(id);
      zoneOf(zone);
      await audit.append({
        action: 'education.certificate.copy', actor: by.actor, outcome: 'done', requestId: by.requestId,
        detail: { certificate: id, person: publicId('per', row.person_id), because },
      });
      return print(row, zone);
    },
    check: async (id, name) => {
      const row = await found(id);
      if (plain(await holder(row)) !== plain(name)) throw educationFailure('CERTIFICATE_NOT_FOUND');
      const { text: _, ...certificate } = await one(row);
      return certificate;
    },
  };
} // prettier-ignore

/** As people type a name: whatever the case, spaces and way of writing an accent. */
const plain = (name: string): string => name.normalize('NFKC').trim().replaceAll(/\s+/gu, ' ').toLowerCase();

/** As that very version was called. */
function titleOf(library: Library, { kind, text_id, hash }: CertificateRow): string {
  const version = versionsOfDuty(library, kind, text_id).findLast((each) => each.hash === hash);
  return version?.isReadable() === true ? version.text().title : text_id;
}
