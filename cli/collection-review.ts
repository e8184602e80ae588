/** `strongroom collection review …`: what is held and seems not to be needed. */
import type { FieldProposal } from '@strongroom/sdk';
import type { Command } from 'commander';

import { connect, show, Usage, withConnection, type Run, type Shared } from './connection.ts';
import { wholeNumber } from './whole-number.ts';

export function reviewCommands(collection: Command, run: Run): void {
  const review = collection.command('review').description('what is held and seems not to be needed');
  withConnection(review.command('fields').description('of each field: values, last read, purposes')).action(
    (options: Shared) =>
      run(async () => {
        const found = await connect(options).fields.list();
        show(options, found, () =>
          [
            `counted since ${found.since}`,
            ...found.fields.map(
              ({ collection: name, field, records, present, last, uses }) =>
                `${`${name}.${field}`.padEnd(32)} ${String(present).padStart(8)} of ${records}  ${last === null ? 'never read' : `last read ${last} for ${uses.map(({ purpose }) => purpose).join(', ')}`}`,
            ),
          ].join('\n'),
        );
      }, options),
  );
  withConnection(review.command('list').description('proposals, open ones first')).action((options: Shared) =>
    run(async () => {
      const found = await connect(options).fields.proposals();
      show(options, found, () => linesOf(found.proposals));
    }, options),
  );
  withConnection(review.command('look').description('look anew; it is done once a day without being asked'))
    .option('--days <n>', 'how far back', '90')
    .action((options: Shared & { days: string }) =>
      run(async () => {
        if (!/^[1-9]\d{0,3}$/.test(options.days)) throw new Usage('--days is 1 to 3650');
        const found = await connect(options).fields.review(wholeNumber('--days', options.days));
        show(options, found, () => linesOf(found.proposals));
      }, options),
    );
  withConnection(review.command('keep <proposal>').description('it is needed, and is looked at again on a day'))
    .requiredOption('--reason <text>', 'why')
    .requiredOption('--review-by <day>', 'YYYY-MM-DD')
    .action((id: string, options: Shared & { reason: string; reviewBy: string }) =>
      run(async () => {
        const { reason, reviewBy } = options;
        const now = await connect(options).fields.decide(id, { decision: 'keep', reason, reviewBy });
        show(options, now, () => linesOf([now]));
      }, options),
    );
  withConnection(
    review
      .command('apply <proposal>')
      .description('propose the catalogue without it; retention takes away what is held'),
  )
    .requiredOption('--reason <text>', 'why')
    .action((id: string, options: Shared & { reason: string }) =>
      run(async () => {
        const now = await connect(options).fields.decide(id, { decision: 'apply', reason: options.reason });
        show(
          options,
          now,
          () =>
            `${linesOf([now])}\nthe next plan of retention has it: strongroom collection retention plan${now.version === null ? '' : `\nthen approve and activate the catalogue: strongroom collection diff ${now.version}`}`,
        );
      }, options),
    );
}

const linesOf = (proposals: readonly FieldProposal[]): string =>
  proposals
    .map(({ id, state, overdue, collection, field, kind, suggests, owner, dueAt, evidence }) =>
      [
        `${id}  ${state}${overdue ? ' (overdue)' : ''}  ${collection}.${field}  ${kind} → ${suggests}`,
        `  ${owner} decides by ${dueAt.slice(0, 10)}; ${Object.entries(evidence)
          .map(([name, value]) => `${name} ${value}`)
          .join(', ')}`,
      ].join('\n'),
    )
    .join('\n') || 'Nothing is proposed.';
