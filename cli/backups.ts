/**
 * `strongroom backups …`: what there is, taking one, reading it back. `restore`, `promote` and `keys` run on the machine
 * itself, without a server: server/backups-command.ts.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import type { BackupRun, BackupSegment, BackupStanding, Strongroom } from '@strongroom/sdk';
import type { Command } from 'commander';

import { connect, EXIT, show, Usage, withConnection, type Run, type Shared } from './connection.ts';
import { transferBar } from './transfer-bar.ts';
import { wholeNumber } from './whole-number.ts';

const POLL_MS = 300;

export function backupsCommands(program: Command, run: Run): void {
  const backups = program
    .command('backups')
    .description('backups that restore, and a forgotten customer who stays forgotten');

  withConnection(backups.command('status').description('what would be left if the machine were lost now')).action(
    (options: Shared) =>
      run(async () => {
        const found = await connect(options).backups.status();
        show(options, found, () => standing(found));
      }, options),
  );

  withConnection(backups.command('run').description('take a backup now'))
    .option('--plane <plane>', 'data (which takes the keys too) or key', 'data')
    .action((options: Shared & { plane: string }) =>
      run(async () => {
        const { plane } = options;
        if (plane !== 'data' && plane !== 'key') throw new Usage('--plane is data or key');
        const room = connect(options);
        let now = await room.backups.run(plane);
        const bar = transferBar(options, Math.max(now.totalBytes, 1), 'MiB');
        // one that says why waits for a store, maybe for long
        for (let told = 0; now.state === 'running' && now.because === null; now = await room.backups.get(now.id)) {
          bar.add(now.bytes - told);
          told = now.bytes;
          await sleep(POLL_MS);
        }
        bar.stop();
        show(options, now, () => lineOf(now));
        return now.state === 'done' ? 0 : EXIT.failed;
      }, options),
    );

  withConnection(backups.command('list').description('backups, the newest first'))
    .option('--limit <n>', 'how many', '20')
    .action((options: Shared & { limit: string }) =>
      run(async () => {
        if (!/^[1-9]\d{0,2}$/.test(options.limit)) throw new Usage('--limit is 1 to 999');
        const found = await connect(options).backups.list(wholeNumber('--limit', options.limit));
        show(options, found, () => found.runs.map(lineOf).join('\n') || 'none');
      }, options),
    );

  withConnection(backups.command('segments').description('change segments, the newest first'))
    .option('--limit <n>', 'how many', '20')
    .action((options: Shared & { limit: string }) =>
      run(async () => {
        if (!/^[1-9]\d{0,2}$/.test(options.limit)) throw new Usage('--limit is 1 to 999');
        const found = await connect(options).backups.segments(wholeNumber('--limit', options.limit));
        show(options, found, () => found.segments.map(segmentLine).join('\n') || 'none');
      }, options),
    );

  withConnection(backups.command('verify').description('read objects back from the stores and compare them'))
    .option('--objects <n>', 'how many, those first that were not read for the longest time', '100')
    .action((options: Shared & { objects: string }) =>
      run(async () => {
        if (!/^[1-9]\d{0,2}$/.test(options.objects)) throw new Usage('--objects is 1 to 999');
        const found = await connect(options).backups.verify(wholeNumber('--objects', options.objects));
        show(options, found, () =>
          [
            `${found.read} objects read back, ${mib(found.bytes)} MiB`,
            ...found.faults.map(({ name, store, fault }) => `${fault}: ${name} in ${store}`),
          ].join('\n'),
        );
        return found.faults.length === 0 ? 0 : EXIT.unverified;
      }, options),
    );

  withConnection(
    backups.command('prune').description('take away what need not be kept; without --apply it only says what'),
  )
    .option('--apply', 'do it')
    .action((options: Shared & { apply?: boolean }) =>
      run(async () => {
        const found = await connect(options).backups.prune(options.apply === true ? 'apply' : 'dry-run');
        const { data, key } = found;
        show(
          options,
          found,
          () =>
            `data: ${data.runs} backups, ${data.objects} objects; keys: ${key.runs} backups, ${key.objects} objects; locked: ${data.locked + key.locked}`,
        );
      }, options),
    );

  withConnection(backups.command('trust <file>').description('seal backups to the recipient in this file from now on'))
    .option('--drill', 'it is of the next drill, for one backup')
    .action((file: string, options: Shared & { drill?: boolean }) =>
      run(async () => {
        const recipient = readFileSync(file, 'utf8').trim();
        const found = await connect(options).backups.trust(recipient, options.drill === true ? 'drill' : 'offline');
        show(
          options,
          found,
          () => `Backups are sealed to ${found.fingerprint} from now on: compare it with the ceremony sheet.`,
        );
      }, options),
    );
  withConnection(backups.command('retire <fingerprint>').description('seal nothing more to a recipient')).action(
    (fingerprint: string, options: Shared) =>
      run(async () => {
        await connect(options).backups.retire(fingerprint);
        show(options, { fingerprint, retired: true }, () => `Nothing more is sealed to ${fingerprint}.`);
      }, options),
  );
  withConnection(
    backups.command('proven <fingerprint>').description('note that its shares were seen to make its identity'),
  ).action((fingerprint: string, options: Shared) =>
    run(async () => {
      await connect(options).backups.proven(fingerprint);
      show(options, { fingerprint, proven: true }, () => `${fingerprint} is proven.`);
    }, options),
  );
  withConnection(
    backups
      .command('drill [attestation]')
      .description(
        'restore a backup beside the system, and prove it; or keep the attestation of a restore tried elsewhere',
      ),
  ).action((file: string | undefined, options: Shared) =>
    run(async () => {
      const room = connect(options);
      if (file === undefined) return drill(room, options);
      const found = await room.backups.noteDrill(readFileSync(file, 'utf8'));
      show(options, found, () => (found.passed ? 'The restore was proven.' : 'The restore FAILED.'));
      return found.passed ? 0 : EXIT.unverified;
    }, options),
  );
  backups.addHelpText(
    'after',
    '\nOn the machine itself:\n  restore, promote        from stores and shares to a system\n  keys init|prove         the offline identity and its shares\nRunbook: docs/practices/backups.md',
  );
}

/** Says each step as it comes. */
async function drill(room: Strongroom, options: Shared): Promise<number> {
  let now = await room.backups.drill();
  for (let told = ''; now.state === 'running'; now = await room.backups.drillRun(now.id)) {
    if (now.step !== told && options.json !== true) process.stderr.write(`${now.step}\n`);
    told = now.step;
    await sleep(POLL_MS);
  }
  const [made] = (await room.backups.status()).drills.filter(({ seq }) => seq === now.seq);
  show(options, { ...now, attested: made ?? null }, () =>
    now.state === 'passed' && made !== undefined
      ? `PROVEN in ${made.seconds} s: backup ${made.seq}; forgotten again: ${made.erased}; opened: ${made.records} records; canaries: ${made.canaries}.`
      : `The drill FAILED: ${now.because ?? 'unknown'}`,
  );
  return now.state === 'passed' ? 0 : EXIT.unverified;
}

const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);

const lineOf = (run: BackupRun): string =>
  `${run.id}  ${run.plane.padEnd(4)} ${String(run.seq).padStart(5)}  ${run.startedAt}  ${run.state.padEnd(7)} ${run.because !== null ? run.because : `${run.rows} rows, ${mib(run.sealedBytes)} MiB in ${run.objects} objects`}${run.pruned ? ', pruned' : ''}`;

const segmentLine = (each: BackupSegment): string =>
  `${String(each.seq).padStart(8)}  ${each.firstAt} to ${each.lastAt}  ${each.changes} changes in ${each.transactions} transactions, ${mib(each.sealedBytes)} MiB`;

function standing(found: BackupStanding): string {
  const age = (seconds: number | null): string => (seconds === null ? 'never' : `${Math.round(seconds / 60)} min ago`);
  const { rpoSeconds: rpo } = found;
  return [
    ...found.nags.map((nag) => `!  ${nag}`),
    `data      ${age(rpo.data)}`,
    `keys      ${age(rpo.key)}`,
    `ledger    ${age(rpo.ledger)}, ${found.ledger.sent} of ${found.ledger.entries} entries in its stores`,
    `restore   ${found.rtoSeconds === null ? 'never tried' : `${found.rtoSeconds} s when it was last tried`}`,
    `objects   ${found.objects}, ${mib(found.sealedBytes)} MiB; locked ${found.lockedPercent} %, read back within 30 days ${found.scrubbedPercent} %`,
    `signer    ${found.signer ?? 'none yet'}`,
    pointsOf(found.pointInTime),
    ...found.stores.map(({ plane, place, locks }) => `${plane.padEnd(9)} ${place} (locks ${locks})`),
  ].join('\n');
}

const pointsOf = ({ available, because, from, to, segments }: BackupStanding['pointInTime']): string =>
  available ? `points    any time from ${from} to ${to}, ${segments} change segments` : `no point in time: ${because}`;
