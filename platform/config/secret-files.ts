/**
 * Secrets as files: `NAME_FILE` names a file whose content is taken for NAME, as container engines, Kubernetes and systemd's
 * credentials hand them over. Who lists the environment of a process then sees paths.
 */
import { readFileSync } from 'node:fs';

import { configFailure } from './failures.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A passphrase or an address; what is longer is some other file. */
const MOST_BYTES = 16_384;

/** @returns the environment without `…_FILE`, and with what stood in these files @throws CONFIG_MALFORMED */
export function withSecretFiles(environment: Environment, names: readonly string[]): Environment {
  const found: Record<string, string | undefined> = { ...environment };
  for (const name of names) {
    const path = environment[`${name}_FILE`];
    delete found[`${name}_FILE`];
    if (path === undefined || path === '') continue;
    // one of the two would be silently off
    if ((environment[name] ?? '') !== '')
      throw configFailure('MALFORMED', { detail: `${name} and ${name}_FILE are both set: one of them should be` });
    found[name] = contentOf(`${name}_FILE`, path);
  }
  return found;
}

function contentOf(name: string, path: string): string {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    const { code = 'unknown' } = cause as NodeJS.ErrnoException;
    throw configFailure('MALFORMED', {
      detail: `${name} should be the path of a file that can be read (${code})`,
      cause,
    });
  }
  // editors and echo end a file with a line feed, which is no part of it
  const text = bytes.toString('utf8').replace(/\r?\n$/, '');
  if (text === '' || bytes.length > MOST_BYTES || /[\r\n\0]/.test(text))
    throw configFailure('MALFORMED', {
      detail: `the file of ${name} should hold one line, of at most ${MOST_BYTES} bytes`,
    });
  return text;
}
