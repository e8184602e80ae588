/** `strongroom access people …`: who works here. What is secret is typed or read from standard input, never an argument. */
import { createStrongroom, type Invitation, type NewLink } from '@strongroom/sdk';
import { Option, type Command } from 'commander';

import { connect, show, withConnection, type Run, type Shared } from './connection.ts';
import { fromInput, harmless } from './terminal.ts';

export function peopleCommands(access: Command, run: Run): void {
  withConnection(
    access.command('people').description('who works here, in which roles; * is given by a group, () rests'),
  ).action((options: Shared) =>
    run(async () => {
      const found = await connect(options).people.list();
      show(
        options,
        found,
        () =>
          found.people
            .map(
              ({ id, state, roles, groupRoles, eligibleRoles, passkeys, totp, name, email }) =>
                `${id}  ${state.padEnd(8)}  ${roles
                  .map((role) => (groupRoles.includes(role) ? `${role}*` : role))
                  .concat(eligibleRoles.map((role) => `(${role})`))
                  .join(',')
                  .padEnd(12)}  ${factors(passkeys, totp).padEnd(12)}  ${harmless(name)} <${harmless(email)}>`,
            )
            .join('\n') || 'nobody yet: the first administrator comes by the link in the home of the server',
      );
    }, options),
  );
  withConnection(access.command('invite <email>').description('let somebody in: prints a token that is good once'))
    .requiredOption('--name <name>', 'as others know them')
    .requiredOption('--roles <roles...>', 'the first one is active when they sign in')
    .action((email: string, options: Shared & { name: string; roles: string[] }) =>
      run(async () => {
        const { name, roles } = options;
        const made = await connect(options).people.invite({ email, name, roles });
        show(options, made, () => invitationLines(made));
      }, options),
    );
  withConnection(
    access
      .command('accept')
      .description('come in by a token: asks for it and for a password on standard input, a line each'),
  )
    .option('--email <email>', 'the first administrator says who they are')
    .option('--name <name>', 'as others know them')
    .action((options: Shared & { email?: string; name?: string }) =>
      run(async () => {
        if (process.stdin.isTTY) process.stderr.write('token, Enter, password, Enter, then Ctrl-D:\n');
        const [token = '', password = ''] = fromInput('-').split(/\r?\n/);
        const { email, name } = options;
        // no key: the token is what lets in
        const begun = await createStrongroom({ url: options.url }).people.accept({
          token,
          password,
          ...(email === undefined ? {} : { email }),
          ...(name === undefined ? {} : { name }),
        });
        show(options, begun, () =>
          [
            `${begun.person} is in, as ${begun.role}. A password alone opens nothing:`,
            `sign in at ${options.url ?? 'the server'} in a browser, and add a passkey or an authenticator app there.`,
          ].join('\n'),
        );
      }, options),
    );
  withConnection(access.command('link <person>').description('a new token for who lost the password, or everything'))
    .addOption(
      new Option(
        '--kind <what>',
        'password: the second factor stays, and is still asked for; all: all factors are gone',
      )
        .choices(['password', 'all'] as const)
        .makeOptionMandatory(),
    )
    .addOption(
      new Option('--identified-by <how>', 'how you made sure who they are; it is in the log')
        .choices(['in-person', 'video', 'call-back', 'document', 'colleague'] as const)
        .makeOptionMandatory(),
    )
    .action((person: string, options: Shared & NewLink) =>
      run(async () => {
        const { kind, identifiedBy } = options;
        const made = await connect(options).people.link(person, { kind, identifiedBy });
        show(options, made, () => invitationLines(made));
      }, options),
    );
  withConnection(
    access.command('roles <person> <roles...>').description("other roles; the person's sessions end"),
  ).action((person: string, roles: string[], options: Shared) =>
    run(async () => {
      await connect(options).people.setRoles(person, roles);
      show(options, { person, roles }, () => `${person} is ${roles.join(', ')}.`);
    }, options),
  );
  withConnection(access.command('disable <person>').description('nothing any more, at once'))
    .option('--keep-keys', 'keys that the person made live on')
    .action((person: string, options: Shared & { keepKeys?: boolean }) =>
      run(async () => {
        const { livingKeys } = await connect(options).people.disable(
          person,
          options.keepKeys === true ? 'keep' : 'revoke',
        );
        show(options, { person, livingKeys }, () => [`${person} is disabled.`, ...livingKeys].join('\n'));
      }, options),
    );
  withConnection(access.command('enable <person>').description('let in again')).action(
    (person: string, options: Shared) =>
      run(async () => {
        await connect(options).people.enable(person);
        show(options, { person, enabled: true }, () => `${person} may sign in again.`);
      }, options),
  );
  withConnection(access.command('sessions <person>').description("somebody's sessions; --end ends one"))
    .option('--end <session>', 'this one')
    .action((person: string, options: Shared & { end?: string }) =>
      run(async () => {
        const { people } = connect(options);
        if (options.end !== undefined) await people.endSession(person, options.end);
        const found = await people.sessions(person);
        show(options, found, () =>
          found.sessions
            .map(
              ({ id, role, amr, seenAt, device }) => `${id}  ${role}  ${amr.join('+')}  ${seenAt}  ${harmless(device)}`,
            )
            .join('\n'),
        );
      }, options),
    );
}

const factors = (passkeys: number, totp: boolean): string =>
  [...(passkeys > 0 ? [`${passkeys} passkey${passkeys > 1 ? 's' : ''}`] : []), ...(totp ? ['totp'] : [])].join('+') ||
  'no second';

const invitationLines = ({ id, token, expiresAt }: Invitation): string =>
  `${id}\n${token}\nGood once, until ${expiresAt}: strongroom access accept`;
