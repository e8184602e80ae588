/** `strongroom collection retention hold …`: legal holds, placed and lifted by two people. */
import type { Hold } from '@strongroom/sdk';
import type { Command } from 'commander';

import { connect, show, withConnection, type Run, type Shared } from './connection.ts';
import { harmless } from './terminal.ts';

export function holdCommands(retention: Command, run: Run): void {
  withConnection(retention.command('holds').description('legal holds, those that stand first')).action(
    (options: Shared) =>
      run(async () => {
        const found = await connect(options).holds.list();
        show(options, found, () => found.holds.map(lineOf).join('\n') || 'none');
      }, options),
  );
  const hold = retention.command('hold').description('keep what a matter needs, whatever is due');
  withConnection(hold.command('request').description('ask for one; it stands once somebody else approved it'))
    .requiredOption('--matter <number>', 'the case')
    .requiredOption('--reason <text>', 'why')
    .requiredOption('--authority <text>', 'who says so: a court, a law, counsel')
    .requiredOption('--review-by <day>', 'YYYY-MM-DD')
    .option('--subject <id>', 'sub_…')
    .option('--record <id>', 'rec_…')
    .option('--collection <name>', 'all of a collection')
    .option('--field <name>', 'only this field of it')
    .option('--role <role>', 'who may still see what nothing but the hold keeps')
    .action(
      (
        options: Shared & {
          matter: string; reason: string; authority: string; reviewBy: string;
          subject?: string; record?: string; collection?: string; field?: string; role?: string;
        },
      ) =>
        run(async () => {
          const { matter, reason, authority, reviewBy, subject, record, collection, field, role } = options;
          const made = await connect(options).holds.request({
            matter, reason, authority, reviewBy,
            ...(subject === undefined ? {} : { subject }), ...(record === undefined ? {} : { record }),
            ...(collection === undefined ? {} : { collection }), ...(field === undefined ? {} : { field }),
            ...(role === undefined ? {} : { role }),
          });
          show(options, made, () => lineOf(made));
        }, options),
    ); // prettier-ignore
  for (const [name, says] of [
    ['approve', 'the second person: place it, or lift it when that was asked for'],
    ['refuse', 'not so: it is not placed, or stays'],
  ] as const)
    withConnection(hold.command(`${name} <hold>`).description(says)).action((id: string, options: Shared) =>
      run(async () => {
        const now = await connect(options).holds[name](id);
        show(options, now, () => lineOf(now));
      }, options),
    );
  withConnection(hold.command('lift <hold>').description('ask for its end; somebody else approves'))
    .requiredOption('--reason <text>', 'why')
    .action((id: string, options: Shared & { reason: string }) =>
      run(async () => {
        const now = await connect(options).holds.lift(id, options.reason);
        show(options, now, () => lineOf(now));
      }, options),
    );
}

function lineOf({ id, state, matter, scope, subject, record, collection, field, reviewBy, overdue }: Hold): string {
  const what = [record ?? subject, collection, field].filter((each) => each !== null).join(' ');
  return `${id}  ${state.padEnd(9)} ${harmless(matter)}  ${scope} ${what}  review by ${reviewBy}${overdue ? ' (overdue)' : ''}`;
}
