/** What the commands of `strongroom audit` are given: options, the log, and whom to believe. */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { trustOf, type Trust } from '#platform/audit';
import { clientSettings, processConfig } from '#platform/config';
import { parsePolicy, parseVerifierKeys, type Policy } from '#platform/tlog';

import { openSeen, type Seen } from './audit-seen.ts';
import { httpLog, type HttpLog } from './http-log.ts';

export type AuditOptions = Readonly<{
  url?: string;
  key?: string;
  policy?: string;
  seen?: string;
  proof?: string;
  entry?: string;
  out?: string;
  entries: boolean;
  'with-entry': boolean;
  witnessed: boolean;
  json: boolean;
  help: boolean;
}>;

export function readOptions(
  args: readonly string[],
): Readonly<{ options: AuditOptions; words: string[] } | { wrong: string }> {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        url: text, key: text, policy: text, seen: text, proof: text, entry: text, out: text,
        entries: flag,
        witnessed: flag, 'with-entry': flag, json: flag, help: { ...flag, short: 'h' },
      },
    }); // prettier-ignore
    return { options: values, words: positionals };
  } catch (thrown) {
    return { wrong: (thrown as Error).message };
  }
}

export function openLog({ url }: Pick<AuditOptions, 'url'>): HttpLog {
  const config = processConfig();
  const client = clientSettings(config);
  return httpLog({ url: url ?? client.url, bearer: client.key?.reveal() ?? adminKey(config.home) });
}

/** null: what is open to all can still be asked for. */
function adminKey(home: string): string | null {
  try {
    return readFileSync(join(home, 'admin.key'), 'utf8').trim();
  } catch {
    return null;
  }
}

export async function readPolicy(options: AuditOptions): Promise<Policy | null> {
  return options.policy === undefined ? null : parsePolicy(await readFile(options.policy));
}

/** Keys as they are, or in a file. @throws Error when they are neither */
export async function readKeys({ key }: AuditOptions): Promise<string | null> {
  if (key === undefined) return null;
  const text = parseVerifierKeys(key) === null ? await readFile(key, 'utf8') : key;
  if (parseVerifierKeys(text) === null) throw new Error('--key is neither a verifier key nor a file with some');
  return text.trim();
}

export function seenOf({ seen }: AuditOptions): Promise<Seen> {
  return openSeen(seen ?? join(processConfig().home, 'audit.checkpoint'));
}

export type Believed = Readonly<{
  trust: Trust;
  policy: Policy | null;
  /** null: those of the policy. */
  verifierKey: string | null;
  /** The keys are the server's own word: none was given. */
  shown: boolean;
  /** The log no longer has the keys of the first time. */
  problem: string | null;
}>;

/**
 * The keys that were given; otherwise those of the policy; otherwise those of the first time, to which the log may have
 * added one. What it added is never enough by itself: whoever answers in its place could have.
 */
export async function believe(options: AuditOptions, log: HttpLog, seen: Seen): Promise<Believed> {
  const policy = await readPolicy(options);
  const given = await readKeys(options);
  if (given !== null || (policy?.logs.length ?? 0) > 0)
    return { trust: trustOf(given, policy), policy, verifierKey: given, shown: false, problem: null };
  const now = (await log.key()).split('\n');
  const before = seen.keys?.split('\n') ?? [];
  const lost = before.some((key) => !now.includes(key));
  // in the order in which they came: the first one stays it
  const verifierKey = (lost ? before : [...before, ...now.filter((key) => !before.includes(key))]).join('\n');
  return {
    trust: trustOf(verifierKey, policy, 'first'),
    policy,
    verifierKey,
    shown: true,
    problem: lost
      ? 'the log does not have the keys that were seen the first time: another log, or its keys were exchanged'
      : null,
  };
}
