/** Papers of what was passed and signed. */
import type { Body, Reply } from './contract.ts';
import type { CallOptions, Transport } from './transport.ts';

export type OwnedCertificates = Reply<'myCertificates', '200'>;
export type CheckedCertificate = Reply<'checkCertificate', '200'>;
/** `name` as it stands on it. */
export type CertificateToCheck = Body<'checkCertificate'>;
/** `because`: what for; the log has it. */
export type CertificateToCopy = Body<'copyCertificate'>;

export type Certificates = {
  /** What the signed-in person has passed and signed, newest first. */
  mine: (options?: CallOptions) => Promise<OwnedCertificates>;
  /** PDF of one's own. @param zone of the IANA database, for the days on it */
  pdf: (id: string, zone?: string, options?: CallOptions) => Promise<Uint8Array>;
  of: (person: string, options?: CallOptions) => Promise<OwnedCertificates>;
  /** PDF of anybody's; the log has who took it, of whom and why. */
  copy: (id: string, copy: CertificateToCopy, options?: CallOptions) => Promise<Uint8Array>;
  /** Asks for no right: whoever was given a certificate has its number and the name on it. */
  check: (certificate: CertificateToCheck, options?: CallOptions) => Promise<CheckedCertificate>;
};

export function createCertificates({ json, stream }: Transport): Certificates {
  const path = '/v1/education/certificates';
  const pdf = async (call: Parameters<Transport['stream']>[0], options?: CallOptions): Promise<Uint8Array> =>
    new Uint8Array(await (await stream({ ...call, accept: 'application/pdf' }, options)).arrayBuffer());
  return {
    mine: (options) => json({ method: 'GET', path, does: 'read' }, options),
    pdf: (id, zone, options) => {
      const query = zone === undefined ? {} : { query: { zone } };
      return pdf({ method: 'GET', path: `${path}/${encodeURIComponent(id)}`, does: 'read', ...query }, options);
    },
    of: (person, options) =>
      json({ method: 'GET', path: `/v1/education/people/${encodeURIComponent(person)}/certificates`, does: 'read' }, options),
    copy: (id, copy, options) =>
      pdf({ method: 'POST', path: `${path}/${encodeURIComponent(id)}/copy`, does: 'read', json: copy }, options),
    check: (certificate, options) => json({ method: 'POST', path: `${path}/check`, does: 'read', json: certificate }, options),
  };
} // prettier-ignore
