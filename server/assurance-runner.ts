/** The process that attacks: it has no settings, no home and no keys but those it is told over its pipe. */
import { runner } from '#practices/assurance';

import { VERSION } from './version.ts';

export const assuranceRunner = (): Promise<void> =>
  runner(process.stdin, process.stdout, VERSION, () => new Date(), () => process.exit(1)); // prettier-ignore
