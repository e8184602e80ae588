/** `strongroom vault rotate|verify|algorithms`: long works on all records, and the inventory of keys. */
import { SingleBar } from 'cli-progress';
import type { Command } from 'commander';

import type { Job, RotationKind } from '@strongroom/sdk';

import { connect, EXIT, show, Usage, withConnection, type Run, type Shared } from './connection.ts';

const KINDS: readonly RotationKind[] = ['epoch', 'keys', 'index', 'root'];

export function workCommands(vault: Command, reading: (command: Command) => Command, run: Run): void {
  withConnection(
    vault.command('rotate <what>').description(`rotate while serving
  epoch  wrap all key rings anew and destroy the old epoch key: makes erasures final
  keys   seal every field anew under fresh keys
  index  make search anew under a fresh key, by the catalogue as it is now
  root   wrap the epochs under the provider's newest root key`),
  )
    .option('--no-wait', 'do not wait for the end')
    .action((what: string, options: Shared & { wait: boolean }) =>
      run(async () => {
        const kind = KINDS.find((each) => each === what);
        if (kind === undefined) throw new Usage(`${what} is not one of ${KINDS.join(', ')}`);
        const { rotations } = connect(options);
        const begun = await rotations.start(kind);
        const job = options.wait ? await follow(begun, () => rotations.get(begun.id), options) : begun;
        show(options, job, () => `${what}: ${job.state}, ${job.done} of ${job.total} subjects.`);
        return job.state === 'failed' ? EXIT.failed : 0;
      }, options),
    );

  withConnection(
    vault
      .command('verify')
      .description(
        'compare every record with the audit log: changed, put back, taken out? Exit code 6 when something is found',
      ),
  )
    .option('--no-wait', 'do not wait for the end')
    .action((options: Shared & { wait: boolean }) =>
      run(async () => {
        const { verification } = connect(options);
        const begun = await verification.start();
        const job = options.wait ? await follow(begun, () => verification.get(), options) : begun;
        show(options, job, () => verificationWords(job));
        if (job.state === 'failed') return EXIT.failed;
        return job.state === 'done' && job.result.ok !== true ? EXIT.unverified : 0;
      }, options),
    );

  reading(vault.command('algorithms').description('inventory of algorithms and keys, with deadlines'))
    .option('--cbom', 'as a CycloneDX cryptography bill of materials')
    .action((options: Shared & { cbom?: boolean }) =>
      run(async () => {
        const { algorithms } = connect(options);
        const found = await (options.cbom === true ? algorithms.cbom() : algorithms.list());
        show(options.cbom === true ? { ...options, json: true } : options, found, () =>
          inventoryWords(found as unknown as Inventory),
        );
      }, options),
    );
}

/** Waits for the end of a work, with a progress bar where a person looks on. */
async function follow(begun: Job, ask: () => Promise<Job>, options: Shared): Promise<Job> {
  const bar =
    process.stderr.isTTY && options.json !== true
      ? new SingleBar({ format: '{bar} {percentage} % | {value} of {total} | {eta_formatted} left', hideCursor: true })
      : null;
  bar?.start(begun.total, begun.done);
  let job = begun;
  try {
    while (job.state === 'running') {
      await new Promise((resolve) => setTimeout(resolve, 300));
      job = await ask();
      bar?.update(job.done);
    }
  } finally {
    bar?.stop();
  }
  return job;
}

type Verified = Readonly<{
  ok: boolean;
  records: number;
  auditSize: number;
  listed: readonly { record: string; attachment?: string; finding: string }[];
  log: readonly string[];
  attachments: Readonly<Record<string, number>>;
}> &
  Readonly<Record<string, unknown>>;

const MEANING: Readonly<Record<string, string>> = {
  changed: 'not what was written last: changed, or an older one put back',
  unknown: 'the log knows no write of them',
  deleted: 'deleted or erased, and there again',
  missing: 'written, and not there',
  refused: 'their key ring is gone, or does not open them',
  index: 'not in the index as their values are: changed, or the catalogue asks for more (rotate index)',
};

const FILES: Readonly<Record<string, string>> = {
  changed: 'attachments that are not what was sealed: changed, or cut',
  unknown: 'attachments that the log knows nothing of',
  deleted: 'attachments that were replaced or taken away, and are there again',
  missing: 'attachments that were stored, and are not there',
  refused: 'attachments without their record or key ring',
};

function verificationWords(job: Job): string {
  if (job.state !== 'done') return `verification ${job.state}, ${job.done} of ${job.total} records.`;
  const result = job.result as unknown as Verified;
  const { attachments: files } = result;
  if (result.ok)
    return `${result.records} records and ${files.attachments} attachments are those that the ${result.auditSize} entries of the log tell of.`;
  return [
    `Something is wrong. ${result.records} records and ${files.attachments} attachments were compared with ${result.auditSize} entries of the log:`,
    ...Object.entries(MEANING)
      .filter(([finding]) => Number(result[finding] ?? 0) > 0)
      .map(([finding, meaning]) => `  ${String(result[finding]).padStart(8)} ${finding.padEnd(8)} ${meaning}`),
    ...Object.entries(FILES)
      .filter(([finding]) => Number(files[finding] ?? 0) > 0)
      .map(([finding, meaning]) => `  ${String(files[finding]).padStart(8)} ${finding.padEnd(8)} ${meaning}`),
    ...result.log.map((problem) => `  the log: ${problem}`),
    ...result.listed.map(({ record, attachment, finding }) =>
      `  ${finding.padEnd(8)} ${record} ${attachment ?? ''}`.trimEnd(),
    ),
  ].join('\n');
}

type Inventory = {
  suites: { name: string; use: string; state: string; source: string }[];
  keys: { use: string; epoch: number; state: string; ageDays: number; provider: string }[];
  subjects: number;
  findings: string[];
};

const inventoryWords = (found: Inventory): string =>
  [
    ...found.suites.map(
      (suite) => `${suite.state.padEnd(10)} ${suite.name.padEnd(36)} ${suite.use.padEnd(20)} ${suite.source}`,
    ),
    '',
    ...found.keys.map(
      (key) =>
        `${key.use.padEnd(8)} epoch ${String(key.epoch).padEnd(4)} ${key.state.padEnd(10)} ${String(key.ageDays).padStart(4)} days  ${key.provider}`,
    ),
    '',
    ...(found.findings.length === 0 ? ['No findings.'] : found.findings.map((finding) => `! ${finding}`)),
  ].join('\n');
