/** Checkpoints: `origin`, size and root, a line each. Source: C2SP tlog-checkpoint */
import { HASH_BYTES } from './merkle.ts';

export type Checkpoint = Readonly<{ origin: string; size: number; root: Buffer }>;

export function checkpointText({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${root.toString('base64')}\n`;
}

/** @param text of a note; lines after the third are extensions, and left alone @returns null when it is no checkpoint in its one spelling */
export function parseCheckpoint(text: string): Checkpoint | null {
  const [origin = '', size = '', root = '', ...after] = text.split('\n');
  const bytes = Buffer.from(root, 'base64');
  const whole = parseSize(size);
  if (
    origin === '' ||
    after.at(-1) !== '' ||
    after.slice(0, -1).includes('') ||
    whole === null ||
    bytes.length !== HASH_BYTES ||
    bytes.toString('base64') !== root
  )
    return null;
  return { origin, size: whole, root: bytes };
}

/** Decimal without leading zeros, up to 2^53 - 1. */
export function parseSize(text: string): number | null {
  return /^(0|[1-9]\d{0,15})$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : null;
}
