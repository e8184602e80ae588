/** What follows a command of this machine, read by its options. */
import { parseArgs, type ParseArgsConfig } from 'node:util';

export const TEXT = { type: 'string' } as const;
export const FLAG = { type: 'boolean', default: false } as const;

export const asksForHelp = (args: readonly string[]): boolean => args.includes('--help') || args.includes('-h');

/** Who asked for it gets it as an answer; who wrote something wrong gets it as a complaint, with 2. */
export function help(usage: string): number {
  process.stdout.write(usage);
  return 0;
}

/**
 * @param words how many there are besides the options
 * @returns null for arguments that are none; they are not repeated: a passphrase or a share may stand in the wrong place
 */
export function readArguments<const Options extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: Options,
  words: number | 'any' = 0,
) {
  try {
    const found = parseArgs({ args: [...args], options, allowPositionals: true });
    return words === 'any' || found.positionals.length === words ? found : null;
  } catch {
    return null;
  }
}
