/**
 * `strongroom audit witness …`: a witness of audit logs. Runs under another role, on another machine than the log; needs
 * neither its database nor its home.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { createLog, type Log } from '#platform/log';
import { parseVerifierKeys } from '#platform/tlog';
import {
  createWitness,
  createWitnessServer,
  keysByOrigin,
  listen,
  makeHome,
  openHome,
  openMemory,
  pullOnce,
  type Memory,
  type Witness,
  type WitnessHome,
} from '#platform/witness';

const USAGE = `strongroom audit witness: cosigns the checkpoints of a log that only grows (docs/practices/audit.md)

  audit witness init --dir <folder> --name <name> --log <file or key> [--log …] [--log-url <url>]
      makes a folder with new keys and an empty memory, and prints the lines of a policy
      --name   such as witness.example.org/auditor; never changes
      --log    keys of a log, as \`strongroom audit key\` prints them
      --log-url   where pull finds it, such as https://strongroom.example.org/v1/audit
  audit witness serve --dir <folder> [--host 127.0.0.1] [--port 7710] [--tls-cert <file> --tls-key <file>]
      answers POST /add-checkpoint (C2SP tlog-witness)
  audit witness pull --dir <folder> [--every 30] [--once]
      for a witness that nobody can reach: fetches what each log offers, and brings its cosignature
  audit witness show --dir <folder> [--url <url under which it is reached>]
      prints the lines of a policy

Who loses memory.sqlite in the folder, or puts an old copy back, must make a new witness: it could contradict itself.
Exit codes: 0 done, 1 failed, 2 usage.
`;

type Options = Readonly<{
  dir?: string;
  name?: string;
  log?: string[];
  host: string;
  port: string;
  url?: string;
  'log-url'?: string;
  every: string;
  once: boolean;
  'tls-cert'?: string;
  'tls-key'?: string;
  help: boolean;
}>;

export async function witnessCommand(args: readonly string[]): Promise<number> {
  const [what, ...rest] = args;
  const options = readOptions(rest);
  if (what === '--help' || what === '-h' || (options !== null && options.help)) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (options?.dir !== undefined) {
    const located = { ...options, dir: options.dir };
    if (what === 'init' && options.name !== undefined && options.log !== undefined)
      return init(located, options.name, options.log);
    if (what === 'serve' && /^\d{1,5}$/.test(options.port)) return serve(located);
    if (what === 'pull' && /^[1-9]\d{0,4}$/.test(options.every)) return pull(located);
    if (what === 'show') return show(openHome(options.dir), options.url);
  }
  process.stderr.write(USAGE);
  return 2;
}

function readOptions(args: readonly string[]): Options | null {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: {
        dir: text, name: text, url: text, 'log-url': text, 'tls-cert': text, 'tls-key': text,
        log: { ...text, multiple: true },
        host: { ...text, default: '127.0.0.1' },
        port: { ...text, default: '7710' },
        every: { ...text, default: '30' },
        once: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false, short: 'h' },
      },
    }).values; // prettier-ignore
  } catch (thrown) {
    process.stderr.write(`${(thrown as Error).message}\n\n`);
    return null;
  }
}

type Located = Options & Readonly<{ dir: string }>;

async function init({ dir, url, 'log-url': logUrl }: Located, name: string, logs: readonly string[]): Promise<number> {
  const texts = await Promise.all(
    logs.map(async (log) => (parseVerifierKeys(log) === null ? readFile(log, 'utf8') : log)),
  );
  const wrong = texts.findIndex((text) => parseVerifierKeys(text) === null);
  if (wrong >= 0) throw new Error(`--log ${logs[wrong]} holds no keys of a log`);
  const lines = texts.flatMap((text) => text.trim().split('\n'));
  const policy = [
    '# The logs that this witness knows (C2SP tlog-policy)',
    ...lines.map((key) => `log ${key.trim()}${logUrl === undefined ? '' : ` ${logUrl.replace(/\/+$/, '')}`}`),
    'quorum none',
    '',
  ];
  return show(makeHome(dir, { name, policy: policy.join('\n') }), url);
}

/** Two keys are two witnesses to a policy; the group says that both must have cosigned. */
function show({ name, verifierKeys }: WitnessHome, url: string | undefined): number {
  const short = name.replaceAll(/[^A-Za-z0-9-]+/g, '-').replaceAll(/^-+|-+$/g, '') || 'witness';
  const [ed25519, mlDsa44] = verifierKeys;
  const at = url === undefined ? '' : ` ${url}`;
  process.stdout.write(
    [
      `# ${name}`,
      `witness ${short}-ed25519 ${ed25519}${at}`,
      `witness ${short}-ml-dsa-44 ${mlDsa44}${at}`,
      `group ${short} all ${short}-ed25519 ${short}-ml-dsa-44`,
      `quorum ${short}`,
      '',
    ].join('\n'),
  );
  return 0;
}

type Opened = Readonly<{ home: WitnessHome; memory: Memory; witness: Witness; log: Log; stopped: AbortSignal }>;

function openWitness(dir: string): Opened {
  const log = createLog('info', 'strongroom-witness');
  const home = openHome(dir);
  const memory = openMemory(home.memoryPath);
  const witness = createWitness({
    signers: home.signers,
    logs: keysByOrigin(home.logs),
    memory,
    clock: () => new Date(),
    onEvidence: (evidence) =>
      log.error(evidence, 'a log signed what does not follow from what was cosigned; it is kept'),
  });
  const ender = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => ender.abort());
  return { home, memory, witness, log, stopped: ender.signal };
}

async function serve({ dir, host, port, 'tls-cert': cert, 'tls-key': key }: Located): Promise<number> {
  const { home, memory, witness, log, stopped } = openWitness(dir);
  const server = createWitnessServer({
    witness,
    describe: () => ({
      name: home.name,
      keys: home.verifierKeys,
      logs: memory.all().map(({ origin, size, root, cosignedAt }) => ({
        origin,
        size,
        root: root.toString('base64'),
        cosignedAt: cosignedAt.toISOString(),
      })),
    }),
    onFault: (err) => log.error({ err }, 'a request failed'),
    ...(cert === undefined || key === undefined
      ? {}
      : { tls: { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') } }),
  });
  const url = await listen(server, { host, port: Number(port) });
  log.info({ url, name: home.name, logs: originsOf(home) }, 'the witness is open');
  if (!stopped.aborted) await once(stopped, 'abort');
  server.close();
  server.closeAllConnections();
  memory.close();
  return 0;
}

/** @returns 1 when it goes round once and something failed */
async function pull({ dir, every, once: isOnce }: Located): Promise<number> {
  const { home, memory, witness, log, stopped } = openWitness(dir);
  const urls = new Map(home.logs.flatMap(({ key, url }) => (url === null ? [] : [[key.name, url] as const])));
  if (urls.size === 0) throw new Error(`no log in ${dir}/logs.policy has a URL behind its key`);
  log.info({ name: home.name, logs: [...urls.keys()], everySeconds: Number(every) }, 'the witness fetches');
  for (;;) {
    let failures = 0;
    for (const [origin, url] of urls) {
      if (stopped.aborted) break;
      const stop = AbortSignal.any([stopped, AbortSignal.timeout(PULL_WHOLE_MS)]);
      const pulled = await pullOnce({ witness, memory, fetch, timeoutMs: PULL_TIMEOUT_MS, stop }, { origin, url });
      if (pulled.kind === 'cosigned') log.info({ origin, size: pulled.size }, 'cosigned');
      else {
        failures += 1;
        log.warn({ origin, why: pulled.why }, 'not cosigned');
      }
    }
    if (!isOnce) await sleep(Number(every) * 1000, undefined, { signal: stopped }).catch(() => undefined);
    if (!isOnce && !stopped.aborted) continue;
    memory.close();
    return isOnce && failures > 0 ? 1 : 0;
  }
}

const PULL_TIMEOUT_MS = 20_000;
/** For all that one log is asked: one that is slow holds up no other. */
const PULL_WHOLE_MS = 120_000;

const originsOf = ({ logs }: WitnessHome): readonly string[] => [...new Set(logs.map(({ key }) => key.name))];
