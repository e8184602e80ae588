/** The rows of practices/vault.md, "Figures to reach", and those of the audit log it stands on. */
import type { Row } from './row.ts';
import { seal } from './vault/seal.ts';

export const vaultRows: readonly Row[] = [seal];
