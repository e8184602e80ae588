/** `strongroom access break-glass|glass|review-glass|unused`: what is done in an emergency, and looked at afterwards. */
import type { Command } from 'commander';

import { askOf, grantLines, withAsk } from './access-requests.ts';
import { connect, show, Usage, withConnection, type Run, type Shared } from './connection.ts';
import { harmless } from './terminal.ts';

type Breaking = Parameters<typeof askOf>[0] & Readonly<{ incident: string }>;

export function glassCommands(access: Command, run: Run): void {
  withAsk(access.command('break-glass').description('in an emergency: see what you must, at once; everybody is told'))
    .requiredOption('--incident <id>', 'the incident it is for')
    .addHelpText(
      'after',
      `
Only a person who is on call and signed in with a passkey can; a key cannot. Another person looks at it within 72 hours.`,
    )
    .action((options: Breaking) =>
      run(async () => {
        const made = await connect(options).grants.breakGlass({ ...askOf(options), incident: options.incident });
        show(options, made, () => grantLines(made));
      }, options),
    );
  withConnection(
    access.command('glass').description('where glass was broken, and whether somebody has looked at it'),
  ).action((options: Shared) =>
    run(async () => {
      const found = await connect(options).grants.glass();
      show(
        options,
        found,
        () =>
          found.glass
            .map((each) => {
              const { verdict, reviewer, dueAt, overdue, note } = each.review;
              const looked =
                verdict === null
                  ? `${overdue ? 'overdue' : 'to be looked at'} until ${dueAt}`
                  : `${verdict}, says ${reviewer ?? ''}: ${harmless(note ?? '')}`;
              return `${grantLines(each)}\n  incident ${harmless(each.incident ?? '')}; ${looked}`;
            })
            .join('\n') || 'none',
      );
    }, options),
  );
  withConnection(access.command('review-glass <grant>').description('say whether it was justified'))
    .requiredOption('--verdict <verdict>', 'justified or unjustified')
    .requiredOption('--note <text>', 'what you found')
    .action((id: string, options: Shared & { verdict: string; note: string }) =>
      run(async () => {
        const { verdict, note } = options;
        if (verdict !== 'justified' && verdict !== 'unjustified')
          throw new Usage('--verdict is justified or unjustified');
        const reviewed = await connect(options).grants.reviewGlass(id, { verdict, note });
        show(options, reviewed, () => `${reviewed.id}  ${verdict}`);
      }, options),
    );
  withConnection(access.command('unused').description('permissions that nobody used for 30, 60, 90 days')).action(
    (options: Shared) =>
      run(async () => {
        const found = await connect(options).grants.unused();
        show(
          options,
          found,
          () =>
            found.unused
              .map(
                ({ role, action, purpose, dataClass, outcome, days, stage, owner }) =>
                  `${stage.padEnd(7)}  ${days} days  ${role} ${action} ${purpose} ${dataClass} ${outcome}; ${owner} answers for it`,
              )
              .join('\n') || 'none',
        );
      }, options),
  );
}
