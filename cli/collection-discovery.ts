/** `strongroom collection discovery …`: scans that were handed in, and what becomes of their differences from the catalogue. */
import type { DecidedDrift, KeptScan, KeptScans } from '@strongroom/sdk';
import type { Command } from 'commander';

import { connect, EXIT, show, withConnection, type Run, type Shared } from './connection.ts';
import { harmless } from './terminal.ts';

type Decided = Shared & Readonly<{ reason: string; reviewBy?: string }>;

export function discoveryCommands(collection: Command, run: Run): void {
  const discovery = collection
    .command('discovery')
    .description('what scans found (collection scan … --report), and what becomes of it');
  withConnection(discovery.command('list').description('scans, newest first')).action((options: Shared) =>
    run(async () => {
      const found = await connect(options).collection.scans();
      show(options, found, () => found.scans.map(summaryOf).join('\n') || 'No scan was handed in.');
    }, options),
  );
  withConnection(
    discovery.command('show <scan>').description('what differs from the catalogue. Exit code 1 when something is open'),
  ).action((id: string, options: Shared) =>
    run(async () => {
      const found = await connect(options).collection.scan(id);
      show(options, found, () => linesOf(found));
      return found.drifts.some(({ state }) => state === 'open') ? EXIT.failed : 0;
    }, options),
  );
  const decide = (
    name: string,
    decision: 'ignored' | 'resolved' | 'reopened',
    says: string,
    more: (command: Command) => Command,
  ): void => {
    more(
      withConnection(discovery.command(`${name} <scan> <difference>`).description(says)).requiredOption(
        '--reason <text>',
        'why',
      ),
    ).action((id: string, drift: string, options: Decided) =>
      run(async () => {
        const { reason, reviewBy } = options;
        const now = await connect(options).collection.decideDrift(id, drift, {
          decision,
          reason,
          ...(reviewBy === undefined ? {} : { reviewBy }),
        });
        show(options, now, () => driftWords(now).join('\n'));
      }, options),
    );
  };
  decide('ignore', 'ignored', 'it may be so, until it is looked at again on a day', (command) =>
    command.requiredOption('--review-by <day>', 'YYYY-MM-DD'),
  );
  decide('resolve', 'resolved', 'it is dealt with: open again if a later scan still finds it', (command) => command);
  decide('reopen', 'reopened', 'it is not so after all', (command) => command);
}

function summaryOf(scan: KeptScans['scans'][number]): string {
  const { id, source, scope, startedAt, tables, columns, missing, found, certain, drift } = scan;
  const classes = Object.entries(found).map(([name, count]) => `${count} ${name}`);
  return [
    `${id}  ${startedAt}  ${harmless(source)}${scope === null ? '' : ` (${harmless(scope)} alone)`}`,
    `  ${columns} columns in ${tables} tables; ${classes.join(', ') || 'nothing personal'}${classes.length > 0 ? `, ${certain} of them certain` : ''}${missing > 0 ? `; NOT WHOLE: ${missing} could not be read` : ''}`,
    ...(drift === null
      ? []
      : [`  differences: ${drift.open} open, ${drift.ignored} ignored, ${drift.resolved} resolved`]),
  ].join('\n');
}

function linesOf({ scan, drifts }: KeptScan): string {
  return [
    summaryOf({ ...scan, drift: null }),
    ...(drifts.length === 0 ? ['Nothing is other than the catalogue says.'] : drifts.flatMap(driftWords)),
  ].join('\n');
}

const AGAIN = {
  review: 'its day has come',
  changed: 'something else is there now',
  found: 'a later scan still finds it',
} as const;

function driftWords(drift: DecidedDrift): string[] {
  const { id, state, again, kind, table, column, collection, field, type, level, says, decided } = drift;
  const place = column === null ? `${collection ?? ''}.${field ?? ''}` : `${table}.${column}`;
  return [
    `${id}  ${state}${again === null ? '' : ` again: ${AGAIN[again]}`}`,
    `  ${kind}  ${harmless(place)}${type === null ? '' : `  ${type}, ${level}`}: ${harmless(says)}`,
    ...(decided === null
      ? []
      : [
          `  ${decided.decision} by ${decided.by} on ${decided.at.slice(0, 10)}: ${harmless(decided.reason)}${decided.reviewBy === null ? '' : ` (until ${decided.reviewBy})`}`,
        ]),
  ];
}
