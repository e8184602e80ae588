/**
 * Started by attacker.ts: attacks one system after another in this one process, each with its mutant or without one, and
 * tells what was said over the channel to it.
 */
import { fileURLToPath } from 'node:url';

import type { Attack } from './attack.ts';
import { graftedStart, noteImports, type Graft } from './grafts.ts';

const MODULE = 'server/mutants/attack.ts';
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const { graft } = noteImports(ROOT);
const whole = await import('./attack.ts');

process.on('message', (asked: Readonly<{ attack: Attack; mutant?: Graft }>) => void answer(asked));
process.on('disconnect', () => process.exit());
process.send?.('ready');

async function answer({ attack, mutant }: Readonly<{ attack: Attack; mutant?: Graft }>): Promise<void> {
  try {
    // a program that the system starts is of the same system
    process.execArgv = mutant === undefined ? [] : [...graftedStart(ROOT, mutant)];
    // one of the mutants writes to its home, and finds it here
    process.argv.splice(2, process.argv.length, attack.database, attack.home);
    const { attacked } = mutant === undefined ? whole : await graft<typeof whole>(MODULE, mutant);
    process.send?.(await attacked(attack));
  } catch (error) {
    process.send?.({ failed: String((error as Error).stack) });
  }
}
