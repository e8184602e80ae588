/** Bytes or keys of one subject that do not open any more, whoever tries: what goes over everybody goes on without it. */
import { isFailure, type Failure } from '#platform/failure';

const CODES = new Set(['VAULT_BOX_REFUSED', 'VAULT_KEY_REFUSED', 'VAULT_FORMAT_UNKNOWN']);

export const isDamaged = (thrown: unknown): thrown is Failure => isFailure(thrown) && CODES.has(thrown.code);
