/** `strongroom access group …`: what groups of an identity provider mean here, and whom it manages. */
import type { Command } from 'commander';

import { connect, show, withConnection, type Run, type Shared } from './connection.ts';
import { harmless } from './terminal.ts';

export function groupCommands(access: Command, run: Run): void {
  const group = access.command('group').description('groups of an identity provider (SCIM), and which roles they mean');
  withConnection(group.command('list').description('groups, their members and their roles')).action((options: Shared) =>
    run(async () => {
      const found = await connect(options).groups.list();
      show(
        options,
        found,
        () =>
          found.groups
            .map(({ id, displayName, members, withheld, roles }) => {
              const means = roles.length === 0 ? 'means nothing' : roles.map(({ role }) => role).join(', ');
              const apart = withheld === 0 ? '' : `; withheld from ${withheld}: duties that are kept apart`;
              return `${id}  ${harmless(displayName)}  ${members} members  ${means}${apart}`;
            })
            .join('\n') || 'none',
      );
    }, options),
  );
  withConnection(
    group.command('map <group> <roles...>').description('its members have these roles, and no others of it'),
  ).action((id: string, roles: string[], options: Shared) =>
    run(async () => {
      await connect(options).groups.map(id, roles);
      show(options, { group: id, roles }, () => `${id} means ${roles.join(', ')}.`);
    }, options),
  );
  withConnection(group.command('unmap <group>').description('it means nothing any more; what it gave ends')).action(
    (id: string, options: Shared) =>
      run(async () => {
        await connect(options).groups.unmap(id);
        show(options, { group: id, roles: [] }, () => `${id} means nothing.`);
      }, options),
  );
  withConnection(
    group.command('link <person>').description('let the provider manage somebody who was here before it'),
  ).action((person: string, options: Shared) =>
    run(async () => {
      await connect(options).groups.link(person);
      show(options, { person, provisioned: true }, () => `The provider manages ${person}.`);
    }, options),
  );
  withConnection(
    group.command('unlink <person>').description('the provider manages this person no more; roles of groups end'),
  ).action((person: string, options: Shared) =>
    run(async () => {
      await connect(options).groups.unlink(person);
      show(options, { person, provisioned: false }, () => `The provider manages ${person} no more.`);
    }, options),
  );
}
