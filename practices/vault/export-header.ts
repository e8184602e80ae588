/** The header of a sealed export, STRONGROOM-EXPORT/1: strict parser, one spelling. Format: docs/formats/sealed-export.md §2. */
import { sealingFailure } from './sealing-failures.ts';
import { HPKE_OVERHEAD_BYTES } from './hpke.ts';

export const EXPORT_MAGIC = Buffer.from('STRONGROOM-EXPORT/1\n', 'latin1');
export const RECIPIENT_ID_BYTES = 16;
export const WRAPPED_KEY_BYTES = HPKE_OVERHEAD_BYTES + 32;
export const COMMITMENT_BYTES = 32;
export const MAX_RECIPIENTS = 20;
const FIXED_BYTES = EXPORT_MAGIC.length + 16 + 16 + 1;
const STANZA_BYTES = RECIPIENT_ID_BYTES + WRAPPED_KEY_BYTES;

export type Stanza = Readonly<{ recipientId: Uint8Array; wrappedKey: Uint8Array }>;
export type ExportHeader = Readonly<{
  /** installation id, 16 bytes */
  installation: Uint8Array;
  /** random, 16 bytes; names this export in the audit log */
  exportId: Uint8Array;
  stanzas: readonly Stanza[];
}>;

/** @returns magic ‖ installation ‖ export id ‖ u8 recipients ‖ stanzas: all that the commitment covers */
export function encodeExportHeader(header: ExportHeader): Buffer {
  return Buffer.concat([
    EXPORT_MAGIC,
    header.installation,
    header.exportId,
    Uint8Array.of(header.stanzas.length),
    ...header.stanzas.flatMap(({ recipientId, wrappedKey }) => [recipientId, wrappedKey]),
  ]);
}

/** Bytes of header and commitment, or null while too few have been read. @throws SEALING_EXPORT_UNKNOWN */
export function exportHeaderBytes(start: Uint8Array): number | null {
  const seen = Math.min(start.length, EXPORT_MAGIC.length);
  if (EXPORT_MAGIC.compare(start, 0, seen, 0, seen) !== 0) throw sealingFailure('EXPORT_UNKNOWN');
  if (start.length < FIXED_BYTES) return null;
  const count = start[FIXED_BYTES - 1] as number;
  if (count < 1 || count > MAX_RECIPIENTS) throw sealingFailure('EXPORT_UNKNOWN');
  return FIXED_BYTES + count * STANZA_BYTES + COMMITMENT_BYTES;
}

/** @param bytes exactly as many as `exportHeaderBytes` said */
export function parseExportHeader(bytes: Uint8Array): {
  header: ExportHeader;
  covered: Uint8Array;
  commitment: Uint8Array;
} {
  const at = EXPORT_MAGIC.length;
  const covered = bytes.subarray(0, bytes.length - COMMITMENT_BYTES);
  const stanzas: Stanza[] = [];
  for (let from = FIXED_BYTES; from < covered.length; from += STANZA_BYTES) {
    stanzas.push({
      recipientId: covered.subarray(from, from + RECIPIENT_ID_BYTES),
      wrappedKey: covered.subarray(from + RECIPIENT_ID_BYTES, from + STANZA_BYTES),
    });
  }
  return {
    header: { installation: bytes.subarray(at, at + 16), exportId: bytes.subarray(at + 16, at + 32), stanzas },
    covered,
    commitment: bytes.subarray(covered.length),
  };
}
