/** Runs a command that is a program of its own, not one of `strongroom`'s client: its arguments, its complaints, its exit code. */
import { CommanderError, type Command } from 'commander';

import { complain, EXIT } from '../connection.ts';

/** @param work is given the options that the command declares */
export async function runOwn(
  command: Command,
  args: readonly string[],
  work: (from: string, options: never) => Promise<number>,
): Promise<number> {
  let code = 0;
  command
    .exitOverride()
    .showHelpAfterError('(--help says more)')
    .action(async (from: string, options: Readonly<{ json?: boolean }>) => {
      try {
        code = await work(from, options as never);
      } catch (thrown) {
        code = complain(thrown, options.json === true);
      }
    });
  try {
    await command.parseAsync([...args], { from: 'user' });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    return thrown.exitCode === 0 ? 0 : EXIT.usage;
  }
  return code;
}
