/** The rows of the audit log (design: group commit, integration, verification). */
import type { Row } from './row.ts';
import { append } from './audit/append.ts';
import { prove } from './audit/prove.ts';

export const auditRows: readonly Row[] = [append, prove];
