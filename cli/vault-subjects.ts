/** `strongroom vault …` on subjects: find, restrict, erase. */
import type { Command } from 'commander';

import { connect, show, type Run, type Shared } from './connection.ts';

export function subjectCommands(vault: Command, reading: (command: Command) => Command, run: Run): void {
  reading(vault.command('find').description('which subject and record has an external id'))
    .requiredOption('--collection <name>')
    .requiredOption('--external-id <id>')
    .action((options: Shared & { collection: string; externalId: string }) =>
      run(async () => {
        const found = (await connect(options).subjects.find({
          collection: options.collection,
          externalId: options.externalId,
        })) as unknown as { subjectId: string; recordId: string };
        show(options, found, () => `${found.subjectId}\n${found.recordId}`);
      }, options),
    );

  reading(
    vault
      .command('restrict <subject>')
      .description('freeze a subject (GDPR art. 18): stored, and read for legal purposes only'),
  )
    .requiredOption('--reason <reason>', 'accuracy, unlawful, claim or objection')
    .action((subject: string, options: Shared & { reason: string }) =>
      run(async () => {
        await connect(options).subjects.restrict(subject, options.reason as 'accuracy');
        show(options, { subject, restricted: true }, () => `${subject} is restricted.`);
      }, options),
    );

  reading(vault.command('unrestrict <subject>').description('lift a restriction')).action(
    (subject: string, options: Shared) =>
      run(async () => {
        await connect(options).subjects.liftRestriction(subject);
        show(options, { subject, restricted: false }, () => `${subject} is restricted no more.`);
      }, options),
  );

  reading(
    vault
      .command('erase <subject>')
      .description('shred a subject: its keys, records, lookups and tokens; prints the receipt'),
  ).action((subject: string, options: Shared) =>
    run(async () => {
      const receipt = await connect(options).subjects.erase(subject);
      show(options, receipt, () =>
        Object.entries(receipt)
          .map(([name, value]) => `${name.padEnd(12)} ${String(value)}`)
          .join('\n'),
      );
    }, options),
  );
}
