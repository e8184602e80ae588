/** The rows of practices/vault.md, "Figures to reach", and those of the audit log the vault stands on. */
import { auditRows } from './audit.ts';
import type { Row } from './row.ts';
import { importRows } from './vault/import.ts';
import { read } from './vault/read.ts';
import { rotate } from './vault/rotate.ts';
import { seal } from './vault/seal.ts';
import { search } from './vault/search.ts';

export const vaultRows: readonly Row[] = [seal, importRows, read, search, rotate, ...auditRows];
