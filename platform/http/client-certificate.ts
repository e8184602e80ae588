/**
 * The certificate that a client showed while TLS was made: it has the private key, or there is no connection. Who it
 * is nobody says; it is known by its thumbprint.
 * Source: RFC 8446 §4.4.2, §4.4.3; RFC 8705 §3.1 (x5t#S256)
 */
import { createHash, type X509Certificate } from 'node:crypto';
import type { Socket } from 'node:net';

/** What of TLSSocket is needed; a plain socket has none of it. */
type Secured = Socket & {
  authorized?: boolean;
  getPeerX509Certificate?: () => X509Certificate | undefined;
};
/** @returns SHA-256 of the certificate as base64url, 43 characters; null when there is none that counts now */
export type CertificateOf = (request: Readonly<{ raw: Readonly<{ socket: Socket }> }>) => string | null;

/** @param accepts `issued`: only what the configured authorities issued; `any`: also self-signed, for the thumbprint is what is trusted */
export function createCertificateOf({
  accepts,
  clock,
}: Readonly<{ accepts: 'any' | 'issued'; clock: () => Date }>): CertificateOf {
  // one connection shows one certificate; whether it is still good is asked for each request
  const known = new WeakMap<Socket, Readonly<{ thumbprint: string; from: Date; until: Date }>>();
  return ({ raw: { socket } }) => {
    const { authorized, getPeerX509Certificate } = socket as Secured;
    if (getPeerX509Certificate === undefined || (accepts === 'issued' && authorized !== true)) return null;
    let shown = known.get(socket);
    if (shown === undefined) {
      const certificate = getPeerX509Certificate.call(socket);
      if (certificate === undefined) return null;
      const thumbprint = createHash('sha256').update(certificate.raw).digest('base64url');
      shown = { thumbprint, from: certificate.validFromDate, until: certificate.validToDate };
      known.set(socket, shown);
    }
    const now = clock();
    return shown.from <= now && now < shown.until ? shown.thumbprint : null;
  };
}
