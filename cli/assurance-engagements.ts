/** `strongroom assurance engagements …`: tests by people from outside. */
import { readFileSync } from 'node:fs';

import type { Engagement } from '@strongroom/sdk';
import type { Command } from 'commander';

import { connect, show, withConnection, type Run, type Shared } from './connection.ts';
import { writeNew } from './new-file.ts';
import { harmless } from './terminal.ts';
import { wholeNumber } from './whole-number.ts';

type Proposed = Shared & Readonly<{ tester: string; scope: string; rules: string; source: string[]; from?: string; days: string }>; // prettier-ignore

export function engagementCommands(assurance: Command, run: Run): void {
  const engagements = assurance.command('engagements').description('tests by people from outside: what they may do, from where and until when; two people let them');

  withConnection(engagements.command('list', { isDefault: true }).description('the newest first')).action((options: Shared) =>
    run(async () => {
      const found = await connect(options).assurance.engagements();
      show(options, found, () => found.engagements.map(engagementLine).join('\n') || 'none');
    }, options),
  );
  withConnection(engagements.command('show <id>').description('what it found, and what was noticed of it')).action((id: string, options: Shared) =>
    run(async () => {
      const found = await connect(options).assurance.engagement(id);
      show(options, found, () =>
        [
          engagementLine(found),
          `scope: ${harmless(found.scope)}`,
          `rules: ${harmless(found.rules)}`,
          `from:  ${found.sources.join(', ')}`,
          `noticed: ${found.cases.join(', ') || 'nothing'}`,
          ...found.findings.map(({ id: finding, severity, state, title }) => harmless(`${finding}  ${severity.padEnd(8)} ${state.padEnd(16)} ${title}`)),
        ].join('\n'),
      );
    }, options),
  );
  withConnection(engagements.command('propose <title>').description('somebody else approves it'))
    .requiredOption('--tester <name>', 'who tests')
    .requiredOption('--scope <words>', 'what they test')
    .requiredOption('--rules <words>', 'what they may do, and what not')
    .requiredOption('--source <address...>', 'where they come from: addresses or networks')
    .option('--from <time>', 'when it begins; left out: now')
    .option('--days <n>', '1 to 90', '14')
    .addHelpText('after', '\nThey get keys that read made-up persons alone and end with the test. What is noticed of their keys and addresses stays an alarm, and says whose test it is.\n\nExample:\n  strongroom assurance engagements propose "The yearly test" --tester "A firm" --scope "API and console" \\\n    --rules "no customers, no load" --source 192.0.2.0/28 --days 14')
    .action((title: string, options: Proposed) =>
      run(async () => {
        const { tester, scope, rules, source, from, days } = options;
        const wanted = { title, tester, scope, rules, sources: source, startsAt: from ?? new Date().toISOString(), days: wholeNumber('--days', days, 1, 90) };
        const made = await connect(options).assurance.proposeEngagement(wanted);
        show(options, made, () => `${made.id} waits for somebody else: strongroom assurance engagements approve ${made.id}`);
      }, options),
    );
  for (const [verb, says] of [['approve', 'somebody else than who proposed it'], ['end', 'with its keys, at once; one person is enough']] as const)
    withConnection(engagements.command(`${verb} <id>`).description(says)).action((id: string, options: Shared) =>
      run(async () => {
        const { assurance: room } = connect(options);
        const found = await (verb === 'approve' ? room.approveEngagement(id) : room.endEngagement(id));
        show(options, found, () => `${id} is ${found.state}`);
      }, options),
    );
  withConnection(engagements.command('key <id> <role>').description('for its testers, shown once; with the first one, records of made-up persons')).action((id: string, role: string, options: Shared) =>
    run(async () => {
      const made = await connect(options).assurance.engagementKey(id, role);
      show(options, made, () => [made.key, `it ends on ${made.until}`, ...made.records].join('\n'));
    }, options),
  );
  withConnection(engagements.command('import <id> <file>').description('what they report becomes findings of it; - for standard input'))
    .option('--format <format>', 'left out: seen from the report')
    .option('--asset <name>', 'what was tested, where the report does not say')
    .action((id: string, file: string, options: Shared & { format?: string; asset?: string }) =>
      run(async () => {
        const { format, asset } = options;
        const content = new Uint8Array(readFileSync(file === '-' ? 0 : file));
        const taken = await connect(options).assurance.takeEngagementReport(id, content, { ...(format === undefined ? {} : { format }), ...(asset === undefined ? {} : { asset }) });
        show(options, taken, () => harmless(`${taken.findings} findings, ${taken.opened} new`));
      }, options),
    );
  withConnection(engagements.command('report <id>').description('as it stands now, signed'))
    .option('--out <file>', 'write it there')
    .action((id: string, options: Shared & { out?: string }) =>
      run(async () => {
        const ask = () => connect(options).assurance.engagementReport(id);
        if (options.out === undefined) {
          const made = await ask();
          return show(options, made, () => harmless(made.report));
        }
        await writeNew(options.out, async () => Buffer.from(`${JSON.stringify(await ask(), null, 2)}\n`));
        return show(options, { out: options.out }, () => `${options.out ?? ''} is written`);
      }, options),
    );
} // prettier-ignore

const engagementLine = ({ id, state, title, tester, until, keys }: Engagement): string =>
  harmless(`${id}  ${state.padEnd(8)} until ${until.slice(0, 10)}  ${keys} keys  ${title} (${tester})`);
