/** `strongroom collection retention …`: plans, runs, their certificates, and the proof that nothing is left. */
import { readFileSync } from 'node:fs';

import { verifyCertificate, type RetentionRun } from '@strongroom/sdk';
import type { Command } from 'commander';

import { connect, EXIT, show, Usage, withConnection, type Run, type Shared } from './connection.ts';
import { wholeNumber } from './whole-number.ts';

const UNDER_WAY = new Set(['planning', 'approved', 'running']);

/** @returns the command, for more below it */
export function retentionCommands(collection: Command, run: Run): Command {
  const retention = collection.command('retention').description('what has to go, and when');
  withConnection(retention.command('status').description('settings, the newest run, what is due by month')).action(
    (options: Shared) =>
      run(async () => {
        const found = await connect(options).retention.status();
        const { settings, proposed } = found;
        show(options, found, () =>
          [
            `${settings.enforce ? 'enforced' : 'dry runs only'}, planned every ${settings.everyHours} hours, two people above ${settings.twoPeopleAbove} subjects, ${settings.perSecond} subjects a second`,
            ...(proposed === null ? [] : [`proposed by ${proposed.by}: ${JSON.stringify(proposed.settings)}\n  approve it: --hash ${proposed.hash}`]),
            found.run === null ? 'nothing was planned yet' : wordsOf(found.run),
            ...Object.entries(found.upcoming).toSorted(([a], [b]) => (a < b ? -1 : 1)).slice(0, 24).map(([month, count]) => `  ${month}  ${count} values fall due`),
            ...Object.entries(found.awaiting).map(([what, count]) => `  no date: ${count} × ${what}`),
            found.proof === null ? 'nothing was proven yet' : `${found.proof.at}: ${found.proof.ok ? 'nothing is left that should have gone' : 'something is LEFT that should have gone'}`,
          ].join('\n'),
        ); // prettier-ignore
      }, options),
  );
  withConnection(retention.command('plan').description('a dry run: counts and samples, nothing is done'))
    .option('--no-wait', 'do not wait for its end')
    .action((options: Shared & { wait: boolean }) =>
      run(async () => {
        const room = connect(options).retention;
        const begun = await room.plan();
        const plan = options.wait ? await follow(begun, room.get) : begun;
        show(options, plan, () => wordsOf(plan));
      }, options),
    );
  withConnection(
    retention.command('run <run>').description('approve a plan, exactly as it is, and have it done').option('--no-wait', 'do not wait for its end'),
  )
    .requiredOption('--plan-hash <hash>', 'as the plan has it: what you approve')
    .action((id: string, options: Shared & { planHash: string; wait: boolean }) =>
      run(async () => {
        const room = connect(options).retention;
        const approved = await room.approve(id, options.planHash);
        const done = options.wait ? await follow(approved, room.get) : approved;
        show(options, done, () => wordsOf(done));
        return done.state === 'refused' ? EXIT.failed : 0;
      }, options),
    ); // prettier-ignore
  withConnection(retention.command('cancel <run>').description('do nothing more of it')).action(
    (id: string, options: Shared) =>
      run(async () => {
        const now = await connect(options).retention.cancel(id);
        show(options, now, () => wordsOf(now));
      }, options),
  );
  withConnection(
    retention.command('prove').description('is anything left that should have gone? Exit code 6 when there is'),
  ).action((options: Shared) =>
    run(async () => {
      const proof = await connect(options).retention.prove();
      show(options, proof, () =>
        [
          proof.ok
            ? `Nothing is left that should have gone: ${proof.records} records of ${proof.subjects} subjects were looked at.`
            : 'Something is left that should have gone:',
          ...Object.entries(proof.overdue).map(([what, count]) => `  ${count} × ${what}`),
          ...(['lookups', 'tokens', 'attachments', 'chunks', 'stops', 'notes'] as const)
            .filter((name) => proof[name] > 0)
            .map((name) => `  ${proof[name]} ${name} of nothing`),
          ...proof.samples.map((id) => `  ${id}`),
          ...(proof.held + proof.restricted > 0
            ? [`${proof.held} records are kept by a hold, ${proof.restricted} by a restriction.`]
            : []),
        ].join('\n'),
      );
      return proof.ok ? 0 : EXIT.unverified;
    }, options),
  );
  withConnection(retention.command('certificate <run>').description('the signed certificate of a run')).action(
    (id: string, options: Shared) =>
      run(async () => {
        const found = await connect(options).retention.certificate(id);
        show(options, found, () => found.certificate.trimEnd());
      }, options),
  );
  retention
    .command('verify <file>')
    .description('check a certificate, without a server. Exit code 6 when it does not hold')
    .requiredOption('--log-key <file>', 'keys of the log, as `strongroom audit key` prints them')
    .option('--json', 'for machines')
    .action((file: string, options: Shared & { logKey: string }) =>
      run(async () => {
        let found;
        try {
          found = await verifyCertificate(readFileSync(file, 'utf8'), readFileSync(options.logKey, 'utf8'));
        } catch (thrown) {
          process.stderr.write(`${(thrown as Error).message}\n`);
          return EXIT.unverified;
        }
        const { run: id, origin, counts } = found;
        show(options, found, () =>
          [
            `${origin} signed what ${id} did:`,
            ...Object.entries(counts).map(([name, count]) => `  ${name} ${count}`),
          ].join('\n'),
        );
        return 0;
      }, options),
    );
  const settings = retention.command('settings').description('proposed by one person, in force once another approved');
  withConnection(settings.command('propose').description('what should hold from now on'))
    .requiredOption('--enforce <yes|no>', 'scheduled plans are done without being asked')
    .option('--two-people-above <subjects>', 'more need two people', '100')
    .option('--per-second <subjects>', 'at most', '200')
    .option('--every-hours <hours>', 'between two scheduled plans', '24')
    .action((options: Shared & { enforce: string; twoPeopleAbove: string; perSecond: string; everyHours: string }) =>
      run(async () => {
        if (options.enforce !== 'yes' && options.enforce !== 'no') throw new Usage('--enforce is yes or no');
        const found = await connect(options).retention.proposeSettings({
          enforce: options.enforce === 'yes',
          twoPeopleAbove: wholeNumber('--two-people-above', options.twoPeopleAbove),
          perSecond: wholeNumber('--per-second', options.perSecond),
          everyHours: wholeNumber('--every-hours', options.everyHours),
        });
        show(options, found, () => `proposed; somebody else approves it: --hash ${found.proposed?.hash}`);
      }, options),
    );
  withConnection(settings.command('approve').description('what somebody else proposed'))
    .requiredOption('--hash <hash>', 'of exactly that')
    .action((options: Shared & { hash: string }) =>
      run(async () => {
        const found = await connect(options).retention.approveSettings(options.hash);
        show(options, found, () => `in force: ${JSON.stringify(found.settings)}`);
      }, options),
    );
  return retention;
}

async function follow(begun: RetentionRun, get: (id: string) => Promise<RetentionRun>): Promise<RetentionRun> {
  let now = begun;
  while (UNDER_WAY.has(now.state)) {
    await new Promise((resolve) => setTimeout(resolve, 300));
    now = await get(begun.id);
  }
  return now;
}

const WHY: Readonly<Record<string, string>> = {
  many: 'so many subjects',
  clock: 'there was no plan for more than 48 hours: has the clock jumped?',
  ordered: 'the review of fields ordered some of it',
  'not-enforced': 'retention is not enforced by itself',
  'asked-for': 'somebody asked for it',
};

function wordsOf(run: RetentionRun): string {
  const { plan } = run;
  const counts = (of: Readonly<Record<string, number>>): string[] =>
    Object.entries(of).map(([name, count]) => `  ${String(count).padStart(8)} ${name}`);
  return [
    `${run.id}  ${run.state}${run.refused === null ? '' : ` (${run.refused})`}, as of ${run.asOf}`,
    `${plan.subjects} subjects, ${plan.records} records; ${plan.held} kept by a hold, ${plan.restricted} by a restriction`,
    ...counts(plan.counts),
    ...(plan.samples.length === 0 ? [] : [`such as ${plan.samples.slice(0, 3).join(', ')}`]),
    ...(Object.keys(run.done).length === 0 ? [] : ['done:', ...counts(run.done)]),
    ...(run.state === 'planned'
      ? [
          `${run.approvedBy.length} of ${run.needed} have approved: ${run.because.map((each) => WHY[each] ?? each).join('; ')}`,
          `strongroom collection retention run ${run.id} --plan-hash ${run.planHash}`,
        ]
      : []),
  ].join('\n');
}
