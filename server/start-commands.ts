/** `strongroom serve` and `strongroom demo`: a question about them, or a word they do not know, makes no keys and starts nothing. */
import { asksForHelp, help } from './command-arguments.ts';

const SERVE = `strongroom serve: starts the server (docs/deploy.md)

  It takes no options: settings come from the environment (docs/configuration.md). SIGTERM or Ctrl-C stops it.
  Exit codes: 0 stopped, 1 failed, 2 usage.
`;
const DEMO = `strongroom demo: a walk through on real data, in a home of its own

  --exit    ends when all was shown, and takes everything away
  --night   with the attacks of a whole night
  Exit codes: 0 done, 1 failed, 2 usage.
`;

export async function serveCommand(args: readonly string[]): Promise<void> {
  if (isAnswered(args, SERVE, [])) return;
  await (await import('./serve.ts')).serve();
}

export async function demoCommand(args: readonly string[]): Promise<void> {
  if (isAnswered(args, DEMO, ['--exit', '--night'])) return;
  await (await import('./demo/demo.ts')).demo(args);
}

function isAnswered(args: readonly string[], usage: string, known: readonly string[]): boolean {
  if (asksForHelp(args)) {
    process.exitCode = help(usage);
    return true;
  }
  if (args.every((each) => known.includes(each))) return false;
  process.stderr.write(usage);
  process.exitCode = 2;
  return true;
}
