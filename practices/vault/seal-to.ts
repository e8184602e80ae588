/** A stream sealed to whoever asks for it by their public key, as a request's header has it. */
import { uuidv7 } from '#platform/ids';

import type { Core } from './core.ts';
import { sealExport } from './export-seal.ts';
import { xwingPublicKey } from './xwing.ts';

/** @param recipient X-Wing public key, base64url @throws SEALING_EXPORT_RECIPIENTS at once, before anything is read */
export const sealTo = (core: Core, recipient: string, lines: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> =>
  sealExport([xwingPublicKey(Buffer.from(recipient, 'base64url'))], lines, {
    installation: core.installation,
    exportId: uuidv7(),
  });
