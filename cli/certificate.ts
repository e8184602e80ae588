/** A client certificate that a key is bound to. */
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { Usage } from './connection.ts';

/** @returns its SHA-256 as RFC 8705 writes it (x5t#S256) */
export function thumbprintOf(file: string): string {
  try {
    return createHash('sha256')
      .update(new X509Certificate(readFileSync(file)).raw)
      .digest('base64url');
  } catch (cause) {
    throw new Usage(`--certificate is a PEM file with a certificate: ${file} is none`, { cause });
  }
}
