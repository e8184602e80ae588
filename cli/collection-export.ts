/** `strongroom collection export …` and `counts …`: what leaves for analysis, by profiles that two people agreed on. */
import { readFileSync } from 'node:fs';

import type { CountAnswer, ExportProfile, ExportProfileView, ExportRun } from '@strongroom/sdk';
import type { Command } from 'commander';

import { connect, show, Usage, withConnection, type Run, type Shared } from './connection.ts';
import { writeNew } from './new-file.ts';
import { harmless } from './terminal.ts';
import { wholeNumber } from './whole-number.ts';

export function exportCommands(collection: Command, run: Run): void {
  const exports = collection.command('export').description('what leaves for analysis, how, and for whom');
  withConnection(exports.command('profiles').description('what may leave; those that hold or wait first')).action(
    (options: Shared) =>
      run(async () => {
        const found = await connect(options).exports.profiles();
        show(options, found, () => found.profiles.map(profileLines).join('\n') || 'There is no profile yet.');
      }, options),
  );
  withConnection(exports.command('propose <file>').description('a profile as JSON, for another to approve')).action(
    (file: string, options: Shared) =>
      run(async () => {
        const made = await connect(options).exports.propose(readProfile(file));
        show(options, made, () => `${profileLines(made)}\napprove it: --hash ${made.hash}`);
      }, options),
  );
  withConnection(exports.command('approve <profile>').description('approve what another proposed'))
    .requiredOption('--hash <hash>', 'of what you looked at')
    .action((id: string, options: Shared & { hash: string }) =>
      run(async () => {
        const now = await connect(options).exports.approve(id, options.hash);
        show(options, now, () => profileLines(now));
      }, options),
    );
  withConnection(exports.command('retire <profile>').description('nothing leaves by it any more')).action(
    (id: string, options: Shared) =>
      run(async () => {
        const now = await connect(options).exports.retire(id);
        show(options, now, () => profileLines(now));
      }, options),
  );
  withConnection(exports.command('run <profile>').description('what it lets leave, measured before it does'))
    .requiredOption('--out <file>', 'new file: JSON lines, or sealed with --recipient')
    .option('--recipient <key>', 'X-Wing public key, base64url')
    .action((id: string, options: Shared & { out: string; recipient?: string }) =>
      run(async () => {
        const room = connect(options).exports;
        let runId: string | undefined;
        await writeNew(options.out, async () => {
          const begun = await room.run(id, options.recipient ?? null);
          runId = begun.run;
          return begun.body;
        });
        const { runs } = await room.runs();
        const made = runs.find((each) => each.id === runId);
        if (made !== undefined) show(options, made, () => runLines(made));
      }, options),
    );
  withConnection(exports.command('runs').description('what left, newest first')).action((options: Shared) =>
    run(async () => {
      const found = await connect(options).exports.runs();
      show(options, found, () => found.runs.map(runLines).join('\n') || 'Nothing left yet.');
    }, options),
  );

  const counts = collection.command('counts').description('how many people, with noise, paid from a budget');
  withConnection(counts.command('ask <profile>').description('the same question gets the same answer, paid once'))
    .option('--by <fields>', 'by which fields, with commas', '')
    .requiredOption('--epsilon-milli <n>', 'ε in thousandths: what it costs, and how exact it is')
    .option('--round <name>', 'asks anew, at a new price: 2026-11')
    .action((id: string, options: Shared & { by: string; epsilonMilli: string; round?: string }) =>
      run(async () => {
        if (!/^[1-9]\d{0,5}$/.test(options.epsilonMilli)) throw new Usage('--epsilon-milli is 1 to 100000');
        const ask = {
          by: options.by.split(',').filter((name) => name !== ''),
          epsilonMilli: wholeNumber('--epsilon-milli', options.epsilonMilli),
          ...(options.round === undefined ? {} : { round: options.round }),
        };
        const answer = await connect(options).exports.count(id, ask);
        show(options, answer, () => answerLines(answer));
      }, options),
    );
  withConnection(counts.command('list').description('answers as they were given, and what is left of each budget')).action(
    (options: Shared) =>
      run(async () => {
        const found = await connect(options).exports.counts();
        show(options, found, () =>
          [
            ...found.budgets.map(({ profile, recipient, purpose, budgetMilli, spentMilli }) => `${profile}: ${spentMilli} of ${budgetMilli} spent by ${recipient} for ${purpose}`),
            ...found.answers.map(({ id, at, recipient, by, round, epsilonMilli, cells }) => `${id}  ${at}  ${recipient}  by ${by.join(', ') || 'nothing'}${round === null ? '' : ` (${round})`}  ${epsilonMilli}  ${cells.length} groups`),
          ].join('\n'),
        );
      }, options),
  ); // prettier-ignore
}

/** @throws Usage when it cannot be read; what is wrong with a profile says the server */
function readProfile(file: string): ExportProfile {
  try {
    return JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8')) as ExportProfile;
  } catch {
    throw new Usage(`${file} is no JSON that could be read: docs/practices/collection.md shows a profile`);
  }
}

const profileLines = ({ id, state, profile, proposedBy, approvedBy }: ExportProfileView): string =>
  [
    `${id}  ${state}  ${harmless(profile.name)}  ${profile.kind} of ${profile.collection} for ${profile.purpose}, to ${profile.recipient.name} (${profile.recipient.where})`,
    `  proposed by ${proposedBy}${approvedBy === null ? '' : `, approved by ${approvedBy}`}`,
    ...(profile.kind === 'records'
      ? [`  k ${profile.k ?? 1}, l ${profile.l ?? 1}, at most ${profile.maxSuppressedPercent ?? 0} % left out`, ...Object.entries(profile.fields).map(([name, { as, role, steps = [] }]) => `  ${name.padEnd(20)} ${as}${role === undefined ? '' : `, ${role}`}${steps.length === 0 ? '' : `: ${steps.join(' → ')}`}`)]
      : [`  budget ${profile.budgetMilli}, at most ${profile.maxEpsilonMilli} at once`, `  by ${Object.keys(profile.dimensions).join(', ')}`]),
  ].join('\n'); // prettier-ignore

function runLines({ id, state, name, recipient, begunAt, refused, report }: ExportRun): string {
  const head = `${id}  ${begunAt}  ${state}${refused === null ? '' : ` (${refused})`}  ${harmless(name)} to ${recipient}`;
  if (report === null) return head;
  const { records, suppressed, further, generalised, measured, sha256 } = report;
  return [
    head,
    `  ${records - suppressed} of ${records} records left, ${suppressed} in groups too small${further === 0 ? '' : `, ${further} further ones of the same people`}`,
    ...Object.entries(generalised).map(([field, step]) => `  ${field}: ${step}`),
    ...(measured === null ? [] : [`  measured: ${measured.groups} groups, k ${measured.k}${Object.entries(measured.l).map(([field, l]) => `, l ${l} of ${field}`).join('')}`]),
    `  sha256 ${sha256}`,
  ].join('\n'); // prettier-ignore
}

const answerLines = ({ id, by, cells, epsilonMilli, spentMilli, repeated }: CountAnswer): string =>
  [
    `${id}  by ${by.join(', ') || 'nothing'}, ε ${epsilonMilli / 1000}${repeated ? ', as answered before' : ''}; ${spentMilli} spent when it was answered`,
    ...cells.map(
      ({ group, count }) =>
        `${String(count).padStart(8)}  ${group.map((label) => harmless(label ?? 'other')).join(', ')}`,
    ),
  ].join('\n');
