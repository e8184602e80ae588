/**
 * The root key file as text: what stands in it, and what is refused before any of it is believed.
 * Source: docs/formats/root-key-file.md
 */
import { kmsFailure } from './failures.ts';

export const ROOT_FILE_FORMAT = 'strongroom-root-key/1';

/** Argon2id of RFC 9106; `salt` 16 bytes and `check` 16 bytes in base64. */
export type PassphraseProtection = Readonly<{
  kind: 'passphrase';
  kdf: 'argon2id';
  salt: string;
  memoryKiB: number;
  passes: number;
  lanes: number;
  check: string;
}>;
export type Protection = Readonly<{ kind: 'permissions' }> | PassphraseProtection;

/** `root`: 32 bytes, or 60 sealed ones, in base64; `check`: 16 bytes of HMAC in base64. Both null once destroyed. */
export type RootVersion = Readonly<{ version: string; root: string | null; check: string | null }>;

/** Versions count from 1, the newest last; a destroyed one keeps its place. */
export type RootFile = Readonly<{
  format: typeof ROOT_FILE_FORMAT;
  keyId: string;
  protection: Protection;
  versions: readonly RootVersion[];
}>;

export const ROOT_BYTES = 32;
export const SEALED_ROOT_BYTES = 60;
export const CHECK_BYTES = 16;
export const SALT_BYTES = 16;

const MAX_FILE_BYTES = 262_144;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** @throws KMS_FILE_DAMAGED; never with the parser's own message, which quotes key material */
export function parseRootFile(text: string): RootFile {
  let found: unknown;
  try {
    found = text.length > MAX_FILE_BYTES ? null : JSON.parse(text);
  } catch {
    found = null;
  }
  if (!isRootFile(found)) throw kmsFailure('FILE_DAMAGED');
  return found;
}

export function printRootFile(file: RootFile): string {
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** Strict: node's decoder skips what is not base64, so that two texts would mean the same bytes. */
export function isBase64Of(value: unknown, sizeBytes: number): value is string {
  if (typeof value !== 'string') return false;
  const bytes = Buffer.from(value, 'base64');
  return bytes.length === sizeBytes && bytes.toString('base64') === value;
}

function isRootFile(found: unknown): found is RootFile {
  if (!isObject(found) || found.format !== ROOT_FILE_FORMAT) return false;
  if (typeof found.keyId !== 'string' || !UUID.test(found.keyId) || !isProtection(found.protection)) return false;
  const rootBytes = found.protection.kind === 'permissions' ? ROOT_BYTES : SEALED_ROOT_BYTES;
  return (
    Array.isArray(found.versions) &&
    found.versions.length > 0 &&
    found.versions.every((entry, at) => isVersion(entry, String(at + 1), rootBytes))
  );
}

function isVersion(entry: unknown, version: string, rootBytes: number): boolean {
  if (!isObject(entry) || entry.version !== version) return false;
  if (entry.root === null) return entry.check === null;
  return isBase64Of(entry.root, rootBytes) && isBase64Of(entry.check, CHECK_BYTES);
}

/** Bounds on the cost: whoever can write the file could otherwise have us spend all memory before we say no. */
function isProtection(found: unknown): found is Protection {
  if (!isObject(found)) return false;
  if (found.kind === 'permissions') return true;
  return (
    found.kind === 'passphrase' &&
    found.kdf === 'argon2id' &&
    isBase64Of(found.salt, SALT_BYTES) &&
    isBase64Of(found.check, CHECK_BYTES) &&
    isBetween(found.memoryKiB, 8192, 1_048_576) &&
    isBetween(found.passes, 1, 16) &&
    isBetween(found.lanes, 1, 16)
  );
}

const isBetween = (value: unknown, least: number, most: number): boolean =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most;

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
