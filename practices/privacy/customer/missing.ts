/**
 * What of a copy could not be read: it is left out and named, and the rest goes on. Only what is stored wrongly is left out
 * like this; a copy that may not be made, or whose database is away, ends.
 */
import { isFailure } from '#platform/failure';

/** Codes by which the vault says that what lies there is not what was sealed. */
const DAMAGED: ReadonlySet<string> = new Set([
  'VAULT_BOX_REFUSED',
  'VAULT_FORMAT_UNKNOWN',
  'VAULT_KEY_REFUSED',
  'SEALING_ATTACHMENT_REFUSED',
  'SEALING_COMMITTED_REFUSED',
]);
/** Named one by one; beyond these they are counted. */
const NAMED = 1000;

export type MissingPiece = Readonly<{
  what: 'record' | 'file' | 'list of files' | 'consent' | 'request';
  /** Its id, or that of the record beside which it lies. */
  record: string;
  /** Of a file. */
  file?: string;
  path?: string;
  /** What is in the archive of it, before the place that could not be read. */
  bytesBefore?: number;
  sizeBytes?: number;
}>;
export type Missing = {
  readonly pieces: readonly MissingPiece[];
  readonly count: number;
  add: (piece: MissingPiece) => void;
};

export const isDamage = (thrown: unknown): boolean => isFailure(thrown) && DAMAGED.has(thrown.code);

export function createMissing(): Missing {
  const pieces: MissingPiece[] = [];
  let count = 0;
  return {
    pieces,
    get count() {
      return count;
    },
    add: (piece) => {
      count += 1;
      if (pieces.length < NAMED) pieces.push(piece);
    },
  };
}
