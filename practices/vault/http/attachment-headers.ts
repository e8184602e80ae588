/** Headers of attachments: names and types travel in them, never in a URL (docs/adr/0009-no-names-in-urls.md). */
import { vaultFailure } from '../failures.ts';
import { checkAttachmentName } from '../attachment-manifest.ts';
import type { ByteRange } from '../read-content.ts';

/** @param header percent-encoded UTF-8 @throws VAULT_ATTACHMENT_NAME_INVALID */
export function nameOf(header: string | undefined): string {
  // bytes beyond ASCII come in as other letters than were meant, one for each byte: the name would be garbled in silence
  if (!/^[\x20-\x7e]*$/.test(header ?? '')) throw vaultFailure('ATTACHMENT_NAME_INVALID');
  let text: string;
  try {
    text = decodeURIComponent(header ?? '');
  } catch {
    throw vaultFailure('ATTACHMENT_NAME_INVALID');
  }
  return checkAttachmentName(text);
}

/** RFC 8187 §3.2.1: percent-encoded beyond attr-char, of which encodeURIComponent leaves some. */
export const encodedName = (name: string): string =>
  encodeURIComponent(name).replaceAll(/['()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * SHA-256 out of Repr-Digest (RFC 9530 §3); other algorithms beside it are passed over.
 * @returns 64 hex digits, or undefined when the header is not there
 * @throws VAULT_DIGEST_INVALID
 */
export function digestOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const found = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):\s*(?:,|$)/.exec(header);
  if (found === null) throw vaultFailure('DIGEST_INVALID');
  return Buffer.from(found[1] as string, 'base64').toString('hex');
}

export const digestHeader = (sha256: string): string => `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`;

/**
 * One range of bytes (RFC 9110 §14.1.2). What is no byte range is passed over, as the RFC asks.
 * @throws VAULT_RANGE_INVALID when there are no such bytes, or several ranges are asked for
 */
export function rangeOf(header: string | undefined, sizeBytes: number): ByteRange | undefined {
  if (header === undefined || !header.startsWith('bytes=')) return undefined;
  const found = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header.trim());
  const [from, to] = [found?.[1] ?? '', found?.[2] ?? ''];
  if (from === '' && to === '') throw vaultFailure('RANGE_INVALID');
  const start = from === '' ? Math.max(0, sizeBytes - Number(to)) : Number(from);
  const end = from === '' || to === '' ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1);
  if (start >= sizeBytes || end < start)
    throw vaultFailure('RANGE_INVALID', { detail: `the attachment has ${sizeBytes} bytes`, extra: { sizeBytes } });
  return { start, end };
}
