/**
 * `strongroom root …`: custody of the root keys, on the machine that has them and beside a running server.
 *
 * Passphrases and shares come from the environment or standard input, never from the command line, where the list of
 * processes would show them.
 */
import { randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text as readAll } from 'node:stream/consumers';

import { processConfig, type Config } from '#platform/config';
import { secret, type Secret } from '#platform/crypto';
import { combineShares, openKms, protectFile, splitSecret } from '#practices/vault';

import { asksForHelp, FLAG, help, readArguments, TEXT } from './command-arguments.ts';

const USAGE = `strongroom root: custody of the root keys (docs/practices/vault.md, "Root keys")

  root make                       makes both where they are missing, for servers that cannot write where their roots lie:
      before the first start of the first server, with the passphrases in the environment; never again
  root status                     both roots: provider, newest version, what protects them
  root rotate [--second]          a new version of the root; then run: strongroom vault rotate root
  root passphrase [--second]      protect a root key file with a passphrase, or change it
      the present one comes from STRONGROOM_ROOT_PASSPHRASE (…_SECOND), the new one from standard input
  root quorum [--shares 5 --threshold 3] [--second]
      protect a root key file with a random passphrase nobody sees, and print its shares, one for each holder
  root combine                    shares from standard input, one on a line → the passphrase
      STRONGROOM_ROOT_PASSPHRASE="$(strongroom root combine)" strongroom serve

  A server that runs must be started again after passphrase and quorum.
  Exit codes: 0 done, 1 failed, 2 usage.
`;

/** 192 bits: 32 characters of base64url. */
const PASSPHRASE_BYTES = 24;

/** Said to a person, as it stands. */
function refuse(words: string): number {
  process.stderr.write(`${words}\n`);
  return 2;
}

type Options = { second: boolean; json: boolean; shares: string; threshold: string };

export async function rootCommand(args: readonly string[]): Promise<number> {
  if (asksForHelp(args)) return help(USAGE);
  const shares = { shares: { ...TEXT, default: '5' }, threshold: { ...TEXT, default: '3' } } as const;
  const read = readArguments(args, { second: FLAG, json: FLAG, ...shares }, 1);
  const what = read?.positionals[0];
  if (read === null || what === undefined) return usage();
  const commands: Record<string, (config: Config, options: Options) => Promise<number>> = {
    make,
    status,
    rotate,
    passphrase,
    quorum,
    combine,
  };
  const command = Object.hasOwn(commands, what) ? commands[what] : undefined;
  return command === undefined ? usage() : command(processConfig(), read.values);
}

function usage(): number {
  process.stderr.write(USAGE);
  return 2;
}

const settingOf = (config: Config, second: boolean): string => (second ? config.kmsSecond : config.kms);
const presentOf = (config: Config, second: boolean): Secret<string> | null =>
  config.secret(second ? 'STRONGROOM_ROOT_PASSPHRASE_SECOND' : 'STRONGROOM_ROOT_PASSPHRASE');

const open = (config: Config, second: boolean, whenMissing: 'refuse' | 'make' = 'refuse') =>
  openKms(settingOf(config, second), {
    whenMissing,
    passphrase: () => presentOf(config, second),
    pin: () => config.secret('STRONGROOM_PKCS11_PIN'),
    token: () => config.secret('STRONGROOM_VAULT_TOKEN'),
  });

async function make(config: Config, { json, second }: Options): Promise<number> {
  if (second) return refuse('both roots are made, or neither: without --second');
  for (const which of [false, true]) await (await open(config, which, 'make')).close();
  return status(config, { json, second, shares: '', threshold: '' });
}

async function status(config: Config, { json }: Options): Promise<number> {
  const found = [];
  for (const second of [false, true]) {
    const kms = await open(config, second);
    found.push({ root: second ? 'second' : 'first', ...(await kms.describe()) });
    await kms.close();
  }
  const words = found.map(
    (each) => `${each.root}: ${each.provider}, key ${each.keyId}, version ${each.keyVersion}\n  ${each.protection}\n`,
  );
  process.stdout.write(json ? `${JSON.stringify(found)}\n` : words.join(''));
  return 0;
}

async function rotate(config: Config, { second }: Options): Promise<number> {
  const kms = await open(config, second);
  try {
    if (kms.rotate === undefined) return refuse('this provider rotates its keys itself: do it there');
    const version = await kms.rotate();
    process.stdout.write(`The root has version ${version}. Now wrap the epochs anew: strongroom vault rotate root\n`);
  } finally {
    await kms.close();
  }
  return 0;
}

/** @returns null for a provider that keeps its keys itself */
function filePath(config: Config, second: boolean): string | null {
  const setting = settingOf(config, second);
  return setting.startsWith('file:') ? setting.slice('file:'.length) : null;
}
const NO_FILE = 'this root is not in a file: its provider keeps it, protect it by the tools of the provider';

async function passphrase(config: Config, { second }: Options): Promise<number> {
  const path = filePath(config, second);
  if (path === null) return refuse(NO_FILE);
  const next = await askSecret('New passphrase: ');
  if (process.stdin.isTTY && next !== (await askSecret('Once more: '))) return refuse('the two are not the same');
  await protectFile(path, presentOf(config, second), secret(next));
  process.stdout.write(`${path} opens with the new passphrase from now on. Start the server again with it.\n`);
  return 0;
}

async function quorum(config: Config, { second, shares, threshold }: Options): Promise<number> {
  const path = filePath(config, second);
  if (path === null) return refuse(NO_FILE);
  const fresh = randomBytes(PASSPHRASE_BYTES).toString('base64url');
  let texts: string[];
  try {
    texts = splitSecret(Buffer.from(fresh), { shares: Number(shares), threshold: Number(threshold) });
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    return refuse('2 ≤ threshold ≤ shares ≤ 255');
  }
  // the shares leave first: a file whose passphrase nobody has is lost for good
  process.stdout.write(`${texts.join('\n')}\n`);
  try {
    await protectFile(path, presentOf(config, second), secret(fresh));
  } catch (thrown) {
    process.stderr.write('The file was NOT changed: throw these shares away.\n');
    throw thrown;
  }
  process.stderr.write(
    `Any ${threshold} of these ${shares} shares open ${path}. Give each to another holder, keep none here.\n` +
      'Start the server again: STRONGROOM_ROOT_PASSPHRASE="$(strongroom root combine)" strongroom serve\n',
  );
  return 0;
}

async function combine(): Promise<number> {
  if (process.stdin.isTTY) process.stderr.write('Shares, one on a line; Ctrl-D ends:\n');
  const lines = (await readAll(process.stdin)).split('\n').filter((line) => line.trim() !== '');
  process.stdout.write(`${combineShares(lines).toString()}\n`);
  return 0;
}

/** From a terminal without showing it, else the first line of standard input. */
async function askSecret(question: string): Promise<string> {
  if (!process.stdin.isTTY) return ((await readAll(process.stdin)).split('\n')[0] ?? '').trim();
  process.stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  const answer = await lines.question('');
  lines.close();
  process.stderr.write('\n');
  return answer.trim();
}
