/**
 * `audit verify` and `audit prove`: checks a log from outside, over HTTP, trusting nothing but the verifier key.
 *
 * Exit codes: 0 the log is what was signed, 6 it is not, 1 it could not be read.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { verifyLog } from '#platform/audit';
import { clientSettings, processConfig } from '#platform/config';

import { httpLog } from './http-log.ts';

const USAGE = `strongroom audit verify [--key <verifier key>] [--url <url>] [--json]
  Reads checkpoint, tiles and entries of a running server and checks every entry against the signed root.
  Remembers the checkpoint in the home: a log that was cut off or rewritten since is found the next time.
strongroom audit prove <index> [--url <url>]
  Prints the inclusion proof of an entry (C2SP tlog-proof), to be checked offline.
`;

export async function auditCommand(args: readonly string[]): Promise<number> {
  const [what, ...rest] = args;
  const option = (name: string): string | undefined => {
    const at = rest.indexOf(`--${name}`);
    return at < 0 ? undefined : rest[at + 1];
  };
  if (what !== 'verify' && what !== 'prove') {
    process.stderr.write(USAGE);
    return what === '--help' ? 0 : 2;
  }
  const config = processConfig();
  const client = clientSettings(config);
  const url = option('url') ?? client.url;
  const key = client.key?.reveal() ?? (await readFile(join(config.home, 'admin.key'), 'utf8')).trim();
  const log = httpLog({ url, bearer: key });
  if (what === 'prove') {
    process.stdout.write(await log.proof(Number(rest[0]), { withEntry: false }));
    return 0;
  }
  const memory = join(config.home, 'audit.checkpoint');
  const remembered = await readFile(memory, 'utf8').catch(() => null);
  const report = await verifyLog({
    source: log,
    verifierKey: option('key') ?? (await log.key()),
    remembered,
  });
  if (report.ok) {
    await mkdir(dirname(memory), { recursive: true });
    await writeFile(memory, report.note, { mode: 0o600 });
  }
  const words = report.ok
    ? `The log is what was signed: ${report.size} entries, root ${report.root}${remembered === null ? '' : ', and it only adds to what was seen before'}.\n`
    : `The log is NOT what was signed:\n${report.problems.map((problem) => `  - ${problem}\n`).join('')}`;
  process.stdout.write(rest.includes('--json') ? `${JSON.stringify(report)}\n` : words);
  return report.ok ? 0 : 6;
}
