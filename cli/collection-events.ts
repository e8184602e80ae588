/** `strongroom collection event …`: what happened to a subject, at which periods begin and purposes end. */
import type { Command } from 'commander';

import { connect, show, Usage, withConnection, type Run, type Shared } from './connection.ts';

export function eventCommand(collection: Command, run: Run): void {
  withConnection(
    collection
      .command('event <event>')
      .description('record what happened to a subject: a period of retention begins, or a purpose ends'),
  )
    .option('--subject <id>', 'sub_…')
    .option('--collection <name>', 'with --external-id: the collection that knows it by that')
    .option('--external-id <id>', 'your own id of the subject')
    .option('--at <time>', 'RFC 3339; left out: now')
    .option('--for <purpose>', 'of an event about one purpose, such as consent.withdrawn')
    .option('--undo', 'it has not happened after all')
    .action(
      (
        event: string,
        options: Shared & {
          subject?: string;
          collection?: string;
          externalId?: string;
          at?: string;
          for?: string;
          undo?: boolean;
        },
      ) =>
        run(async () => {
          const { subject: id, collection: name, externalId } = options;
          if (id === undefined && (name === undefined || externalId === undefined))
            throw new Usage('say --subject, or --collection and --external-id');
          const subject = id === undefined ? { collection: name as string, externalId: externalId as string } : { id };
          const { results } = await connect(options).retention.record([
            {
              subject,
              event,
              ...(options.at === undefined ? {} : { at: options.at }),
              ...(options.for === undefined ? {} : { purpose: options.for }),
              ...(options.undo === true ? { state: 'undone' as const } : {}),
            },
          ]);
          const [result] = results;
          show(options, results, () =>
            result?.problem === undefined
              ? `${event}: ${result?.status} for ${result?.subjectId}`
              : `${result.problem.detail}\n  ${result.problem.code}: ${result.problem.hint}`,
          );
          return result?.status === 'rejected' ? 1 : 0;
        }, options),
    );
}
