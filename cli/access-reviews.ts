/** `strongroom access review …`: does everybody who has a role still need it? */
import type { Review } from '@strongroom/sdk';
import type { Command } from 'commander';

import { connect, show, Usage, withConnection, type Run, type Shared } from './connection.ts';
import { harmless } from './terminal.ts';
import { wholeNumber } from './whole-number.ts';

export function reviewCommands(access: Command, run: Run): void {
  const review = access.command('review').alias('reviews').description('does everybody who has a role still need it?');
  withConnection(review.command('begin <role>').description("ask the role's owner about each of its holders"))
    .option(
      '--days <n>',
      'until it is due; then who sees customers in clear and was not decided on sees them no more',
      '14',
    )
    .option('--on-overdue <what>', 'suspend or alert; suspend where the role sees customers in clear')
    .action((role: string, options: Shared & { days: string; onOverdue?: string }) =>
      run(async () => {
        if (!/^[1-9]\d?$/.test(options.days)) throw new Usage('--days is 1 to 90');
        const { onOverdue } = options;
        if (onOverdue !== undefined && onOverdue !== 'suspend' && onOverdue !== 'alert')
          throw new Usage('--on-overdue is suspend or alert');
        const began = await connect(options).reviews.begin({
          role,
          days: wholeNumber('--days', options.days),
          ...(onOverdue === undefined ? {} : { onOverdue }),
        });
        show(options, began, () => lineOf(began));
      }, options),
    );
  withConnection(review.command('list').description('reviews, newest first')).action((options: Shared) =>
    run(async () => {
      const found = await connect(options).reviews.list();
      show(options, found, () => found.reviews.map(lineOf).join('\n') || 'none');
    }, options),
  );
  withConnection(review.command('show <review>').description('when and how often each holder used the role')).action(
    (id: string, options: Shared) =>
      run(async () => {
        const found = await connect(options).reviews.get(id);
        show(options, found, () =>
          [
            lineOf(found),
            ...found.items.map(({ holder, lastUsed, count, peers, decision, note }) =>
              [
                `  ${holder}  ${decision ?? 'open'}  ${lastUsed === null ? 'never used' : `last used ${lastUsed}, ${count} times`}`,
                `; ${peers} others have it${note === null || note === '' ? '' : `; ${harmless(note)}`}`,
              ].join(''),
            ),
          ].join('\n'),
        );
      }, options),
  );
  withConnection(
    review
      .command('decide <review> <holders...>')
      .description('keep or remove; one at a time where the role sees customers in clear'),
  )
    .requiredOption('--decision <decision>', 'keep or remove; what is removed is gone at the next read')
    .option('--note <text>', 'why', '')
    .action((id: string, holders: string[], options: Shared & { decision: string; note: string }) =>
      run(async () => {
        const { decision, note } = options;
        if (decision !== 'keep' && decision !== 'remove') throw new Usage('--decision is keep or remove');
        const found = await connect(options).reviews.decide(id, { holders, decision, note });
        const open = found.items.filter((each) => each.decision === null).length;
        show(options, found, () => `${lineOf(found)}\n  ${open} left to decide`);
      }, options),
    );
  withConnection(
    review.command('extend <review>').description('more time, once; by somebody whose role does not decide in it'),
  )
    .requiredOption('--reason <text>', 'why; it is kept with the review')
    .option('--days <n>', 'at most 14', '7')
    .action((id: string, options: Shared & { days: string; reason: string }) =>
      run(async () => {
        if (!/^[1-9]\d?$/.test(options.days)) throw new Usage('--days is 1 to 14');
        const { reason } = options;
        const extended = await connect(options).reviews.extend(id, {
          days: wholeNumber('--days', options.days),
          reason,
        });
        show(options, extended, () => lineOf(extended));
      }, options),
    );
  withConnection(review.command('close <review>').description('end it; its result goes into the log')).action(
    (id: string, options: Shared) =>
      run(async () => {
        const closed = await connect(options).reviews.close(id);
        show(options, closed, () => lineOf(closed));
      }, options),
  );
  withConnection(
    review.command('bundle <review>').description('the result, and the proof that the signed log has its hash'),
  ).action((id: string, options: Shared) =>
    run(async () => {
      const bundle = await connect(options).reviews.bundle(id);
      show(
        options,
        bundle,
        () => `${bundle.result}\nentry ${bundle.auditIndex} has its hash ${bundle.resultHash}\n${bundle.proof}`,
      );
    }, options),
  );
}

function lineOf({ id, role, owner, dueAt, overdue, closedAt, showsClear }: Review): string {
  const state = closedAt === null ? (overdue ? `overdue since ${dueAt}` : `due ${dueAt}`) : `closed ${closedAt}`;
  return `${id}  ${role}${showsClear ? ' (sees customers in clear)' : ''}  ${state}  ${owner} decides`;
}
