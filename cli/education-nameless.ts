/** `strongroom education incidents reports …` and `report-link …`: what is reported without a name, and where. */
import type { NamelessReport, NamelessStep } from '@strongroom/sdk';
import type { Command } from 'commander';

import { connect, show, Usage, withConnection, type Run, type Shared } from './connection.ts';
import { harmlessLines } from './terminal.ts';

type Line = Pick<NamelessReport, 'id' | 'kind' | 'state' | 'turn' | 'receivedAt' | 'incident'>;
const WAITS = { team: 'waits for you', reporter: 'waits for the reporter', nobody: '' } as const;

const line = ({ id, kind, state, turn, receivedAt, incident }: Line): string =>
  `${id}  ${receivedAt}  ${state.padEnd(8)} ${kind.padEnd(15)} ${incident ?? WAITS[turn]}`.trimEnd();

function whole(report: NamelessReport): string {
  const { said, talk } = report;
  const gone = 'its key is gone: nobody reads it any more';
  return harmlessLines(
    [
      line(report),
      '',
      ...(said === null ? [gone] : [said.words === '' ? '(no words)' : said.words, `when: ${said.when}`, ...(said.reach === '' ? [] : [`to be reached: ${said.reach}`])]),
      ...talk.flatMap(({ saidBy, at, by, text }) => ['', `${saidBy === 'team' ? `asked by ${by ?? 'the team'}` : 'answered'}, ${at}`, `  ${text ?? gone}`]),
    ].join('\n'),
  );
} // prettier-ignore

/** What the step is after: with more in it by now, it is not taken. @throws Usage */
const seenIn = ({ seen }: Seen): { seen?: number } => {
  if (seen === undefined) return {};
  if (!/^(0|[1-9][0-9]{0,3})$/.test(seen))
    throw new Usage('--seen is a number: how many answers and questions you have read');
  return { seen: Number(seen) };
};
type Seen = Readonly<{ seen?: string }>;
const SEEN = [
  '--seen <count>',
  'how many answers and questions you have read: with more by now nothing is done',
] as const;

export function namelessCommands(incidents: Command, run: Run, kinds: readonly string[]): void {
  const step = async (options: Shared, id: string, wanted: NamelessStep): Promise<void> => {
    const found = await connect(options).incidents.stepNameless(id, wanted);
    show(options, found, () => whole(found));
  };
  const reports = incidents
    .command('reports')
    .description('what was reported without a name: whoever did comes back with a number, reads what you ask, and answers')
    .addHelpText('after', '\nNobody here knows who reported, and nothing of it is held against anybody. They read “ask” and “close” with their number.\n\nExample:\n  strongroom education incidents reports ask irp_… "Is the device still switched on?"');
  withConnection(reports.command('list', { isDefault: true }).description('the newest first, without their words'))
    .option('--all', 'also what was closed')
    .option('--before <id>', 'where the page before ended')
    .action((options: Shared & { all?: boolean; before?: string }) =>
      run(async () => {
        const { all = false, before } = options;
        const found = await connect(options).incidents.nameless({ which: all ? 'all' : 'open', ...(before === undefined ? {} : { before }) });
        show(options, found, () => [`${found.waiting} wait for the team`, ...found.reports.map(line), ...(found.next === null ? [] : [`there are more: --before ${found.next}`])].join('\n'));
      }, options),
    );
  withConnection(reports.command('show <id>').description('with its words; that you read them is in the log')).action((id: string, options: Shared) =>
    run(async () => {
      const found = await connect(options).incidents.namelessReport(id);
      show(options, found, () => whole(found));
    }, options),
  );
  withConnection(reports.command('look <id>').description('say that somebody looks at it: whoever reported it reads that'))
    .option(...SEEN)
    .action((id: string, options: Shared & Seen) => run(() => step(options, id, { step: 'look', ...seenIn(options) }), options));
  withConnection(reports.command('ask <id> <words>').description('ask whoever reported it, who stays without a name'))
    .option(...SEEN)
    .action((id: string, text: string, options: Shared & Seen) => run(() => step(options, id, { step: 'ask', text, ...seenIn(options) }), options));
  withConnection(reports.command('close <id> <words>').description('it is no incident: say why to whoever reported it; 90 days later it is deleted'))
    .option(...SEEN)
    .action((id: string, text: string, options: Shared & Seen) => run(() => step(options, id, { step: 'close', text, ...seenIn(options) }), options));
  withConnection(reports.command('incident <id>').description('make an incident of it: what was said moves along, how to reach them does not'))
    .option('--kind <kind>', `${kinds.join(', ')}; left out: as it was reported`)
    .option('--at <time>', 'when it happened, as 2026-03-02T08:00:00Z; left out: when it was reported')
    .option(...SEEN)
    .action((id: string, options: Shared & Seen & { kind?: string; at?: string }) =>
      run(async () => {
        const { kind, at } = options;
        if (kind !== undefined && !kinds.includes(kind)) throw new Usage(`--kind is ${kinds.join(', ')}`);
        await step(options, id, { step: 'incident', ...(kind === undefined ? {} : { kind }), ...(at === undefined ? {} : { happenedAt: at }), ...seenIn(options) } as NamelessStep);
      }, options),
    );

  const link = incidents
    .command('report-link')
    .description('where anybody reports without signing in and without a name')
    .addHelpText('after', '\nPut it in the intranet and on posters; the console prints it as a QR code. It says nothing of who uses it. Replace it when it is misused: numbers of reports stay good.\n\nExample:\n  strongroom education incidents report-link replace --json');
  withConnection(link.command('show', { isDefault: true }).description('the link that is good now')).action((options: Shared) =>
    run(async () => {
      const found = await connect(options).incidents.reportLink();
      show(options, found, () => found.link?.url ?? 'there is none: report-link replace makes one');
    }, options),
  );
  withConnection(link.command('replace').description('make it, or another one: the one before is dead at once')).action((options: Shared) =>
    run(async () => {
      const made = await connect(options).incidents.replaceReportLink();
      show(options, made, () => made.link.url);
    }, options),
  );
  withConnection(link.command('end').description('take it back: nothing is taken without a name any more')).action((options: Shared) =>
    run(async () => {
      await connect(options).incidents.endReportLink();
      show(options, { ended: true }, () => 'it is dead');
    }, options),
  );
} // prettier-ignore
