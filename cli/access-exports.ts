/** `strongroom access export …`: a second pair of eyes on exports, where that is asked of one for a time. */
import type { ExportRequest } from '@strongroom/sdk';
import type { Command } from 'commander';

import { connect, show, withConnection, type Run, type Shared } from './connection.ts';
import { harmless } from './terminal.ts';

const lineOf = ({ id, state, purpose, name, until, reason }: ExportRequest): string =>
  harmless(`${id}  ${state.padEnd(8)}  ${purpose}  for ${name}${until === null ? '' : ` until ${until}`}: ${reason}`);
const all = (requests: readonly ExportRequest[]): string => requests.map(lineOf).join('\n') || 'none';

export function exportRequestCommands(access: Command, run: Run): void {
  const exports = access
    .command('export')
    .description('a second pair of eyes on exports, where that is asked of one for a time')
    .addHelpText('after', '\nWho is told that their export waits asks here; another person who approves grants says yes or no, and for an hour exports for that purpose are open.'); // prettier-ignore
  withConnection(exports.command('list').description('of everybody, for who says yes or no')).action((options: Shared) =>
    run(async () => {
      const { requests } = await connect(options).exportRequests.list();
      show(options, { requests }, () => all(requests));
    }, options),
  ); // prettier-ignore
  withConnection(exports.command('mine').description('what I asked for')).action((options: Shared) =>
    run(async () => {
      const { requests } = await connect(options).exportRequests.mine();
      show(options, { requests }, () => all(requests));
    }, options),
  );
  withConnection(exports.command('ask <purpose>').description('for an hour from the answer on'))
    .requiredOption('--reason <text>', 'why; who answers reads it')
    .action((purpose: string, options: Shared & { reason: string }) =>
      run(async () => {
        const made = await connect(options).exportRequests.ask({ purpose, reason: options.reason });
        show(options, made, () => lineOf(made));
      }, options),
    );
  for (const [verb, says] of [['approve', 'say yes, as another person than who asked'], ['deny', 'say no']] as const)
    withConnection(exports.command(`${verb} <request>`).description(says)).action((id: string, options: Shared) =>
      run(async () => {
        const done = await connect(options).exportRequests[verb](id);
        show(options, done, () => lineOf(done));
      }, options),
    ); // prettier-ignore
}
