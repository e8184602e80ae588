/** Whether root keys are those of this database: each living epoch is opened by them, and forgotten again. Changes nothing. */
import type { Db } from '#platform/db';

import { epochContext, unwrapEpoch } from './epochs.ts';
import type { Kms } from './kms/kms.ts';
import { epochRows, knownInstallation } from './store/keys.ts';

export type ProvenRoots = Readonly<{ epochs: number; oldestAt: Date | null }>;

/** @throws VAULT_ROOT_KEY_WRONG, KMS_UNREACHABLE, KMS_DENIED */
export async function proveRoots(
  db: Db,
  { first, second }: Readonly<{ first: Kms; second: Kms }>,
): Promise<ProvenRoots> {
  const installation = await knownInstallation(db);
  if (installation === null) return { epochs: 0, oldestAt: null };
  const rows = await epochRows(db);
  let epochs = 0;
  for (const { wrapped, ...row } of rows) {
    if (wrapped === null) continue;
    await unwrapEpoch(
      row.use === 'second' ? second : first,
      { ...row, wrapped },
      epochContext(installation, row.use, row.epoch),
    );
    epochs += 1;
  }
  const current = rows.filter(({ state, use }) => state === 'current' && use === 'data');
  return { epochs, oldestAt: current[0]?.createdAt ?? null };
}
