/**
 * `strongroom audit witness …`: a witness of audit logs. Runs under another role, on another machine than the log; needs
 * neither its database nor its home.
 */
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { createLog } from '#platform/log';
import { parseVerifierKeys } from '#platform/tlog';
import {
  createWitness,
  createWitnessServer,
  keysByOrigin,
  listen,
  makeHome,
  openHome,
  openMemory,
  type WitnessHome,
} from '#platform/witness';

const USAGE = `strongroom audit witness: cosigns the checkpoints of a log that only grows (docs/practices/audit.md)

  audit witness init --dir <folder> --name <name> --log <file or key> [--log …]
      makes a folder with new keys and an empty memory, and prints the lines of a policy
      --name   such as witness.example.org/auditor; never changes
      --log    keys of a log, as \`strongroom audit key\` prints them
  audit witness serve --dir <folder> [--host 127.0.0.1] [--port 7710] [--tls-cert <file> --tls-key <file>]
      answers POST /add-checkpoint (C2SP tlog-witness)
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
        dir: text, name: text, url: text, 'tls-cert': text, 'tls-key': text,
        log: { ...text, multiple: true },
        host: { ...text, default: '127.0.0.1' },
        port: { ...text, default: '7710' },
        help: { type: 'boolean', default: false, short: 'h' },
      },
    }).values; // prettier-ignore
  } catch (thrown) {
    process.stderr.write(`${(thrown as Error).message}\n\n`);
    return null;
  }
}

type Located = Options & Readonly<{ dir: string }>;

async function init({ dir, url }: Located, name: string, logs: readonly string[]): Promise<number> {
  const texts = await Promise.all(
    logs.map(async (log) => (parseVerifierKeys(log) === null ? readFile(log, 'utf8') : log)),
  );
  const wrong = texts.findIndex((text) => parseVerifierKeys(text) === null);
  if (wrong >= 0) throw new Error(`--log ${logs[wrong]} holds no keys of a log`);
  const lines = texts.flatMap((text) => text.trim().split('\n'));
  const policy = [
    '# The logs that this witness knows (C2SP tlog-policy)',
    ...lines.map((key) => `log ${key.trim()}`),
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

async function serve(options: Located): Promise<number> {
  const log = createLog('info', 'strongroom-witness');
  const home = openHome(options.dir);
  const memory = openMemory(home.memoryPath);
  const clock = (): Date => new Date();
  const witness = createWitness({
    signers: home.signers,
    logs: keysByOrigin(home.logs),
    memory,
    clock,
    onEvidence: (evidence) =>
      log.error(evidence, 'a log signed what does not follow from what was cosigned; it is kept'),
  });
  const { 'tls-cert': cert, 'tls-key': key } = options;
  const server = createWitnessServer({
    witness,
    describe: () => ({
      name: home.name,
      keys: home.verifierKeys,
      logs: memory.all().map(({ origin, size, root, cosignedAt }) => ({ origin, size, root: root.toString('base64'), cosignedAt: cosignedAt.toISOString() })),
    }), // prettier-ignore
    onFault: (err) => log.error({ err }, 'a request failed'),
    ...(cert === undefined || key === undefined
      ? {}
      : { tls: { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') } }),
  });
  const stopped = Promise.withResolvers<void>();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stopped.resolve());
  const url = await listen(server, { host: options.host, port: Number(options.port) });
  log.info({ url, name: home.name, logs: home.logs.map(({ key: each }) => each.name) }, 'the witness is open');
  await stopped.promise;
  server.close();
  server.closeAllConnections();
  memory.close();
  return 0;
}
