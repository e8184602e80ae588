/** What a result rests on, as bytes that are found again by their hash. */
import { createHash } from 'node:crypto';

import type { Seen } from '../kit/kit.ts';
import type { Line } from '../kit/wire.ts';
import type { Evidence } from '../types.ts';

export type KeptEvidence = Evidence & Readonly<{ bytes: string }>;

/** What was asked and answered in sizes and hashes, and every single thing that was looked at. */
export function evidenceOf(
  testId: string,
  about: Readonly<{ version: string; heartbeats: readonly string[]; lines: readonly Line[]; seen: readonly Seen[] }>,
): KeptEvidence {
  const bytes = JSON.stringify({ schema: 'strongroom/assurance-evidence/1', test: testId, ...about });
  return {
    hash: createHash('sha256').update(bytes).digest('hex'),
    kind: 'transcript',
    sizeBytes: Buffer.byteLength(bytes),
    bytes,
  };
}
