/**
 * Peers are packages that only the benchmark needs, so they have a package.json and a lock of their own in bench/peers
 * and `npm ci` of the project does not fetch them. A row goes on without a peer that is not there, and says so.
 */
import { createRequire } from 'node:module';

import type { Missing } from './row.ts';

export const INSTALL_PEERS = 'npm ci --prefix bench/peers';

export type Peers = Readonly<{
  /** The package, or null when it is not installed or does not load; then `missing` has the reason. */
  load: (name: string, missing: Missing[]) => unknown;
}>;

export function findPeers(): Peers {
  const require = createRequire(new URL('peers/package.json', import.meta.url));
  return {
    load: (name, missing) => {
      try {
        return require(name) as unknown;
      } catch (thrown) {
        const absent = (thrown as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND';
        missing.push({ peer: name, why: absent ? `not installed: ${INSTALL_PEERS}` : (thrown as Error).message });
        return null;
      }
    },
  };
}
