/** `strongroom access role …`: roles that rest since nobody used them, and asking for one. */
import type { RoleRequest } from '@strongroom/sdk';
import type { Command } from 'commander';

import { connect, show, Usage, withConnection, type Run, type Shared } from './connection.ts';
import { harmless } from './terminal.ts';

export function roleCommands(access: Command, run: Run): void {
  const role = access.command('role').description('roles that rest since nobody used them, and asking for one');
  withConnection(
    role.command('list').description('roles of mine that rest, my requests, and those I decide on'),
  ).action((options: Shared) =>
    run(async () => {
      const found = await connect(options).roleRequests.list();
      show(options, found, () =>
        [`I may ask for  ${found.eligible.join(', ') || 'none'}`, ...found.requests.map(lineOf)].join('\n'),
      );
    }, options),
  );
  withConnection(
    role.command('ask <role>').description('for a time, or for good; the owner of the role says yes or no'),
  )
    .option('--minutes <n>', 'how long, from the answer on: 5 to 480; without it for good')
    .requiredOption('--reason <text>', 'why; who answers reads it')
    .action((name: string, options: Shared & { minutes?: string; reason: string }) =>
      run(async () => {
        const { minutes, reason } = options;
        if (minutes !== undefined && !/^[1-9]\d{0,2}$/.test(minutes)) throw new Usage('--minutes is 5 to 480');
        const made = await connect(options).roleRequests.ask({
          role: name,
          reason,
          ...(minutes === undefined ? {} : { minutes: Number(minutes) }),
        });
        show(options, made, () => lineOf(made));
      }, options),
    );
  for (const [verb, description] of [
    ['approve', 'lend it, and the clock starts; or give it back for good'],
    ['deny', 'say no'],
    ['end', 'take a request of mine back, or end what was lent'],
  ] as const)
    withConnection(role.command(`${verb} <request>`).description(description)).action((id: string, options: Shared) =>
      run(async () => {
        const done = await connect(options).roleRequests[verb](id);
        show(options, done, () => lineOf(done));
      }, options),
    );
}

const lineOf = ({ id, state, role, name, minutes, until, reason }: RoleRequest): string =>
  `${id}  ${state.padEnd(7)}  ${role}  for ${harmless(name)}, ${minutes === null ? 'for good' : `${minutes} minutes`}${until === null ? '' : ` until ${until}`}: ${harmless(reason)}`;
