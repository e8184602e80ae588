/**
 * Configuration: one typed reading of the environment and `strongroom.config.json`. Nothing else touches `process.env`.
 */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

import { secret, type Secret } from '#platform/crypto';

import { configFailure } from './failures.ts';
import { withSecretFiles } from './secret-files.ts';
import { SETTINGS, type SettingName } from './settings.ts';

export { configFailure } from './failures.ts';
export { SETTINGS, UNNAMED_CONTROLLER } from './settings.ts';
export type { BusinessHours, Zone } from './surroundings.ts';

type Values = {
  readonly [K in SettingName]: (typeof SETTINGS)[K] extends { fallback: (read: never) => infer T } ? T : never;
};

export type Config = Values & {
  /** Where this system keeps what is its own: keys, embedded database, sockets. */
  readonly home: string;
  /** Secrets by name, read when they are asked for: PINs, KMS tokens, passphrases. */
  readonly secret: (name: SecretName) => Secret<string> | null;
};

const SECRETS = [
  'STRONGROOM_ROOT_PASSPHRASE',
  'STRONGROOM_ROOT_PASSPHRASE_SECOND',
  'STRONGROOM_PKCS11_PIN',
  'STRONGROOM_VAULT_TOKEN',
  'STRONGROOM_OIDC_CLIENT_SECRET',
  'STRONGROOM_SMTP_URL',
  'STRONGROOM_TRAFFIC_WEBHOOK_SECRET',
] as const;
export type SecretName = (typeof SECRETS)[number];

/** What may stand in a file that `NAME_FILE` names. */
const IN_FILES = [...SECRETS, 'DATABASE_URL'] as const;

/** Names with our prefix that other programs of ours read: the CLI and the test runner. */
const ELSEWHERE = new Set([
  'STRONGROOM_HOME',
  'STRONGROOM_URL',
  'STRONGROOM_KEY',
  'STRONGROOM_TEST_PG',
  'STRONGROOM_TEST_OSCAL',
  'STRONGROOM_TEST_PICTURES',
]);

/**
 * @param given usually `process.env`
 * @throws CONFIG_MALFORMED, CONFIG_UNKNOWN, CONFIG_TLS_REQUIRED
 */
export function readConfig(given: Readonly<Record<string, string | undefined>>): Config {
  const environment = withSecretFiles(given, IN_FILES);
  const home = resolve(environment.STRONGROOM_HOME ?? join(homedir(), '.strongroom'));
  const file = readFile(join(home, 'strongroom.config.json'));
  refuseUnknown(environment, file);

  const values = Object.fromEntries(
    Object.entries(SETTINGS).map(([name, setting]) => {
      const raw = environment[setting.env] ?? file[name];
      if (raw === undefined || raw === null || raw === '') return [name, setting.fallback({ home })];
      const parsed = setting.parse(typeof raw === 'string' ? raw : JSON.stringify(raw));
      if (!parsed.ok) {
        throw configFailure('MALFORMED', { detail: `${setting.env} (${setting.says}) should be ${parsed.expected}` });
      }
      return [name, parsed.value];
    }),
  ) as unknown as Values;

  if (!isLoopback(values.host) && (values.tlsCert === null || values.tlsKey === null))
    throw configFailure('TLS_REQUIRED');
  // asked for in vain: a key that is bound would never open
  if (values.tlsClients === 'request' && (values.tlsCert === null || values.tlsKey === null))
    throw configFailure('MALFORMED', {
      detail: 'STRONGROOM_TLS_CLIENTS: request needs STRONGROOM_TLS_CERT and STRONGROOM_TLS_KEY',
    });
  if (values.tlsClients === 'off' && values.tlsClientCa !== null)
    throw configFailure('MALFORMED', {
      detail: 'STRONGROOM_TLS_CLIENT_CA says whose certificates count: STRONGROOM_TLS_CLIENTS should be request',
    });
  if (values.volumeExtreme <= values.volumeHigh)
    throw configFailure('MALFORMED', {
      detail: 'STRONGROOM_VOLUME_EXTREME should be more than STRONGROOM_VOLUME_HIGH',
    });
  return {
    ...values,
    home,
    secret: (name) => {
      const value = environment[name];
      return value === undefined || value === '' ? null : secret(value);
    },
  };
}

/** The configuration of this very process. */
export function processConfig(overrides: Readonly<Record<string, string | undefined>> = {}): Config {
  return readConfig({ ...process.env, ...overrides });
}

/** How a command of this machine reaches a running server. */
export function clientSettings(config: Config): { url: string; key: Secret<string> | null } {
  const { STRONGROOM_URL: url, STRONGROOM_KEY: key } = process.env;
  return {
    url: url ?? `http://127.0.0.1:${config.port}`,
    key: key === undefined || key === '' ? null : secret(key.trim()),
  };
}

/** Where this session comes from, if it is one of SSH that did not go through sudo: `SSH_CONNECTION` (sshd(8)). */
export function sshSession(): { address: string; port: number } | null {
  const [, address, port] =
    /^([0-9a-fA-F:.]{2,45})(?:%\w+)? \d+ \S+ (\d{1,5})$/.exec(process.env['SSH_CONNECTION'] ?? '') ?? [];
  return address === undefined ? null : { address, port: Number(port) };
}

/** The environment of a child: what programs are found by, and what is named here; no settings of this process. */
export function childEnvironment(named: Readonly<Record<string, string>>): Record<string, string> {
  const { PATH = '', NODE_COMPILE_CACHE: cache } = process.env;
  return { PATH, ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: cache }), ...named };
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

function readFile(path: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw configFailure('MALFORMED', { detail: `${path} cannot be read`, cause });
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (cause) {
    throw configFailure('MALFORMED', { detail: `${path} is not JSON`, cause });
  }
  throw configFailure('MALFORMED', { detail: `${path} should hold one JSON object` });
}

/** Every name that may stand in a server's environment; those with `_FILE` name a file with the value. */
export const settingNames = (): ReadonlySet<string> =>
  new Set([...Object.values(SETTINGS).map(({ env }) => env), ...SECRETS, ...IN_FILES.map((name) => `${name}_FILE`), ...ELSEWHERE]); // prettier-ignore

function refuseUnknown(environment: Readonly<Record<string, string | undefined>>, file: Record<string, unknown>): void {
  const known = settingNames();
  const strange = Object.keys(environment).find((name) => name.startsWith('STRONGROOM_') && !known.has(name));
  if (strange !== undefined) throw configFailure('UNKNOWN', { detail: `${strange} is not a setting` });
  const strangeKey = Object.keys(file).find((name) => !(name in SETTINGS));
  if (strangeKey !== undefined)
    throw configFailure('UNKNOWN', { detail: `"${strangeKey}" in strongroom.config.json is not a setting` });
}
