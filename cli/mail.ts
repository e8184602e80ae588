/** `strongroom mail …`: how mail goes, and what is held while no mail server is set. */
import type { Command } from 'commander';

import { connect, show, withConnection, type Run, type Shared } from './connection.ts';
import { harmless, harmlessLines } from './terminal.ts';

export function mailCommands(program: Command, run: Run): void {
  const mail = program.command('mail').description('mail that the system sends');
  withConnection(mail.command('status').description('how many wait, left and failed; no address')).action(
    (options: Shared) =>
      run(async () => {
        const found = await connect(options).mail.status();
        show(options, found, () =>
          [
            ...(found.way === 'held'
              ? ['No mail server is set: nothing leaves. Set STRONGROOM_SMTP_URL and STRONGROOM_MAIL_FROM.']
              : []),
            ...Object.entries(found).map(([name, value]) => `${name.padEnd(15)} ${String(value ?? '–')}`),
          ].join('\n'),
        );
      }, options),
  );
  withConnection(mail.command('list').description('the newest mails: what for, when, what came of each')).action(
    (options: Shared) =>
      run(async () => {
        const found = await connect(options).mail.list();
        show(options, found, () =>
          found.messages
            .map(
              ({ id, queuedAt, kind, state, problem }) =>
                `${id}  ${queuedAt}  ${kind.padEnd(24)} ${state.padEnd(8)} ${problem ?? ''}`,
            )
            .join('\n'),
        );
      }, options),
  );
  withConnection(
    mail.command('show <id>').description('one mail; with its text while it is held, and that is in the log'),
  ).action((id: string, options: Shared) =>
    run(async () => {
      const found = await connect(options).mail.get(id);
      show(options, found, () =>
        found.content === null
          ? `${found.id}  ${found.kind}  ${found.state}: what was in it is gone`
          : [
              `To: ${harmless(found.content.to)}`,
              `Subject: ${harmless(found.content.subject)}`,
              '',
              harmlessLines(found.content.text),
            ].join('\n'),
      );
    }, options),
  );
}
