/** UUIDs out of names, so that the same thing has the same id in each export. Source: RFC 9562 §5.5 */
import { createHash } from 'node:crypto';

/** Made once, for this; never changed. */
const NAMESPACE = Buffer.from('6f1c2a0e5d7b4c3f9a81e2b4c6d80f11', 'hex');

export function uuid5(...parts: readonly string[]): string {
  return uuid5Of(NAMESPACE, parts.join('\0'));
}

export function uuid5Of(namespace: Uint8Array, name: string): string {
  const bytes = createHash('sha1').update(namespace).update(name).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
