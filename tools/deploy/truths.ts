/** What the files of deploy/ are held against: the settings, routes, commands and times that the code really has. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { SETTINGS, settingNames } from '#platform/config';

/** A file of deploy/ that is not true; said so that whoever wrote it finds it. */
export type Fault = string;

export type Truths = Readonly<{
  root: string;
  version: string;
  /** Paths that GET answers. */
  routes: ReadonlySet<string>;
  /** First words of server/main.ts. */
  commands: ReadonlySet<string>;
}>;

/** What answers under way may take once nothing new is taken: server/serve.ts, platform/http/drain.ts. */
export const ANSWER_SECONDS = 30;

export function readTruths(root: string): Truths {
  const read = (path: string): string => readFileSync(join(root, path), 'utf8');
  const { paths } = JSON.parse(read('docs/openapi.json')) as { paths: Record<string, Record<string, unknown>> };
  return {
    root,
    version: (JSON.parse(read('package.json')) as { version: string }).version,
    routes: new Set(Object.keys(paths).filter((path) => 'get' in (paths[path] ?? {}))),
    commands: new Set(
      [...read('server/main.ts').matchAll(/command === '([a-z]+)'/g)].map(([, name]) => name as string),
    ),
  };
}

/**
 * Names that are no setting, values that the server would refuse, and secrets that stand there in clear.
 * @param where for the fault, such as `compose.yaml: server-1`
 */
export function settingFaults(where: string, environment: Readonly<Record<string, string>>): Fault[] {
  const known = settingNames();
  const byName = new Map(Object.values(SETTINGS).map((setting) => [setting.env, setting]));
  return Object.entries(environment).flatMap(([name, value]) => {
    if (!name.startsWith('STRONGROOM_') && !name.startsWith('DATABASE_URL')) return [];
    if (!known.has(name)) return [`${where}: ${name} is not a setting`];
    if (name.endsWith('_FILE')) return value.startsWith('/') || value.startsWith('%d/') ? [] : [`${where}: ${name} names no path`];
    if (name === 'DATABASE_URL' || (!byName.has(name) && name !== 'STRONGROOM_HOME')) return [`${where}: ${name} is a secret, in clear`];
    const parsed = byName.get(name)?.parse(value);
    return parsed === undefined || parsed.ok ? [] : [`${where}: ${name}=${value} should be ${parsed.expected}`];
  });
} // prettier-ignore

/** `…PASSWORD=`, `…TOKEN=`: a value in clear, where a path is wanted. */
export function secretFaults(where: string, environment: Readonly<Record<string, string>>): Fault[] {
  return Object.entries(environment).flatMap(([name, value]) =>
    /PASS|SECRET|TOKEN|PIN$|PRIVATE|_KEY$/i.test(name) && !value.startsWith('/') && !value.startsWith('%d/') ? [`${where}: ${name} holds no path: a secret stands in clear`] : [],
  ); // prettier-ignore
}

/** `server/main.ts serve`, from the folder that the sources are in. */
export function commandFaults(where: string, words: readonly string[], { root, commands }: Truths): Fault[] {
  const at = words.findIndex((word) => word.endsWith('.ts'));
  const [program, command] = [words[at] ?? '', words[at + 1] ?? 'serve'];
  if (at === -1 || !existsSync(join(root, program))) return [`${where}: ${words.join(' ')} starts no program that is there`];
  return program !== 'server/main.ts' || commands.has(command) ? [] : [`${where}: there is no command ${command}`];
} // prettier-ignore

/** A stop must wait for the drain and for the answers under way. */
export const stopFaults = (where: string, stopSeconds: number, drainSeconds: number): Fault[] =>
  stopSeconds >= drainSeconds + ANSWER_SECONDS ? [] : [`${where}: it is killed after ${stopSeconds} s, while it may drain for ${drainSeconds} s and answer for ${ANSWER_SECONDS} s`]; // prettier-ignore

/** Whoever asks whether it is ready must have seen no before the drain ends. */
export const noticeFaults = (where: string, everySeconds: number, failures: number, drainSeconds: number): Fault[] =>
  everySeconds * failures < drainSeconds ? [] : [`${where}: a server that stops is seen after ${everySeconds * failures} s, and takes requests for ${drainSeconds} s`]; // prettier-ignore
