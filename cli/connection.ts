/** How a command reaches the server, and how it says what came of it. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

import { Help, Option, type Command } from 'commander';

import { createStrongroom, isProblem, type Strongroom } from '@strongroom/sdk';

import { harmless } from './terminal.ts';

/** Options that every command has; commander reads those with a variable from the environment. */
export type Shared = Readonly<{
  url: string;
  keyFile?: string;
  key?: string;
  home: string;
  purpose?: string;
  json?: boolean;
}>;

export function withConnection(command: Command): Command {
  return (
    command
      .addOption(new Option('--url <url>', 'server').env('STRONGROOM_URL').default('http://127.0.0.1:7700'))
      .addOption(
        new Option('--home <folder>', 'home of a local system')
          .env('STRONGROOM_HOME')
          .default(join(homedir(), '.strongroom')),
      )
      .option('--key-file <file>', 'file with an API key; without it STRONGROOM_KEY, or admin.key in the home')
      // hidden: a key on the command line stands in the list of processes
      .addOption(new Option('--key <key>').env('STRONGROOM_KEY').hideHelp())
      .option('--json', 'for machines')
  );
}

/** 0 done · 1 failed · 2 usage · 3 denied · 4 not found · 5 unreachable · 6 verification failed */
export const EXIT = { failed: 1, usage: 2, denied: 3, notFound: 4, unreachable: 5, unverified: 6 } as const;

/** Does the work of a command and sets the exit code. */
export type Run = (work: () => Promise<number | void>, options: Shared) => Promise<void>;

export class Usage extends Error {
  override readonly name = 'Usage';
}

export function connect(options: Shared): Strongroom {
  return createStrongroom({
    url: options.url,
    key: findKey(options),
    ...(options.purpose === undefined ? {} : { purpose: options.purpose }),
  });
}

function findKey(options: Shared): string {
  if (options.keyFile === undefined && options.key !== undefined) return options.key.trim();
  const path = options.keyFile ?? join(options.home, 'admin.key');
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    throw new Usage(
      `no key: give --key-file or STRONGROOM_KEY (there is none in ${path}); strongroom keys create makes one`,
    );
  }
}

/** Prints for machines or for people. */
export function show(options: Shared, value: unknown, words: () => string): void {
  process.stdout.write(options.json === true ? `${JSON.stringify(value)}\n` : `${words()}\n`);
}

type Fault = Readonly<{ line: number; says: string; hint: string }>;
/** What is wrong with a text that was sent, by its lines. */
const faultsIn = ({ faults }: Readonly<Record<string, unknown>>): readonly Fault[] =>
  Array.isArray(faults) ? (faults as Fault[]).filter((each) => typeof each.line === 'number') : [];

/** Says what went wrong, without a stack trace. @returns the exit code */
export function complain(thrown: unknown, json: boolean): number {
  if (isProblem(thrown)) {
    const { code, message, hint, status } = thrown;
    const faults = faultsIn(thrown.extra);
    const said = [...faults.map((each) => harmless(`line ${each.line}: ${each.says} (${each.hint})`)), message, `  ${code}: ${hint}`]; // prettier-ignore
    const told = { code, detail: message, hint, status, ...(faults.length === 0 ? {} : { faults }) };
    process.stderr.write(json ? `${JSON.stringify(told)}\n` : `${said.join('\n')}\n`);
    if (status === 401 || status === 403 || status === 423) return EXIT.denied;
    if (status === 404 || status === 410) return EXIT.notFound;
    if (code === 'SDK_REFUSED') return EXIT.usage;
    return code === 'SDK_UNREACHABLE' || code === 'SDK_TIMEOUT' ? EXIT.unreachable : EXIT.failed;
  }
  const message = thrown instanceof Error ? thrown.message : 'something failed';
  const isUsage = thrown instanceof Usage;
  const told = { code: isUsage ? 'CLI_USAGE' : 'CLI_FAILED', detail: message };
  process.stderr.write(json ? `${JSON.stringify(told)}\n` : `${message}\n`);
  return isUsage ? EXIT.usage : EXIT.failed;
}

/** Help that is read: what is said in sentences is as wide as the terminal, and no wider than one reads; examples stay as they are. */
export const HELP_IN_LINES = {
  writeOut: (text: string): void => {
    const width = Math.min(process.stdout.columns ?? 100, 100);
    const wrapped = text.split('\n').map((line) => (line.startsWith(' ') ? line : new Help().boxWrap(line, width)));
    process.stdout.write(wrapped.join('\n'));
  },
};

/** The same for what the parser of arguments says, which it says in lines. */
export const USAGE_AS_JSON = {
  outputError: (text: string, write: (told: string) => void): void => {
    const detail = text.trim().replace(/^error: /, '').replaceAll('\n', ' '); // prettier-ignore
    write(`${JSON.stringify({ code: 'CLI_USAGE', detail })}\n`);
  },
};
