/** `strongroom privacy requests vouch`, `privacy proof-rules` and `privacy assert`: who asks, and what shows it. */
import type { Command } from 'commander';

import type { PrivacyVouch } from '@strongroom/sdk';

import { connect, show, Usage, withConnection, type Run, type Shared } from './connection.ts';
import { requestLine } from './request-line.ts';

const SAW: readonly string[] = ['identity-card', 'passport', 'driving-licence', 'signed-declaration', 'known-customer', 'call-back', 'mandate']; // prettier-ignore

export function vouchCommand(requests: Command, run: Run): void {
  withConnection(
    requests
      .command('vouch <request> <what>')
      .description('you have seen who asks: one person makes it reasonable, a second one high')
      .addHelpText('after', `\n<what> you looked at: ${SAW.join(', ')}.\nOnly that word is kept. Keep neither the document nor its number anywhere.`), // prettier-ignore
  ).action((id: string, what: string, options: Shared) =>
    run(async () => {
      if (!SAW.includes(what)) throw new Usage(`vouch ${SAW.join(', ')}`);
      const made = await connect(options).privacyRequests.vouch(id, what as PrivacyVouch['saw']);
      show(options, made, () => requestLine(made));
    }, options),
  );
}

export function proofCommands(privacy: Command, run: Run): void {
  withConnection(
    privacy.command('proof-rules').description('how sure it has to be who asks, by what they ask for'),
  ).action((options: Shared) =>
    run(async () => {
      const found = await connect(options).privacyRequests.proofRules();
      show(options, found, () =>
        [
          ...found.rules.map(({ kind, needs, needsSpecial, why }) => `${kind.padEnd(11)} ${needs.padEnd(10)} ${needsSpecial === needs ? ''.padEnd(22) : `special data: ${needsSpecial}`.padEnd(22)} ${why}`),
          '',
          'what shows it (one channel is reasonable, two are high; what has the same one counts once):',
          ...found.shows.map(({ means, when, channels }) => `${means.padEnd(11)} ${channels.join(', ').padEnd(23)} ${when}`),
        ].join('\n'),
      ); // prettier-ignore
    }, options),
  );
  withConnection(
    privacy
      .command('assert <subject>')
      .description('for your own application: its customer is signed in there; prints the link to send them on with'),
  )
    .option('--factors <n>', 'how many things your sign-in asked for: 1 or 2', '1')
    .option(
      '--resettable-by-mail <n>',
      'how many of these a mail sets anew, as a forgotten password: 0, 1 or 2; whoever has the mailbox has them too',
      '1',
    ) // prettier-ignore
    .action(
      (
        subject: string,
        { factors, resettableByMail, ...options }: Shared & { factors: string; resettableByMail: string },
      ) =>
        run(async () => {
          if (factors !== '1' && factors !== '2') throw new Usage('--factors 1 or 2');
          if (!['0', '1', '2'].includes(resettableByMail)) throw new Usage('--resettable-by-mail 0, 1 or 2');
          const said = {
            subject,
            factors: Number(factors),
            resettableByMail: Number(resettableByMail),
            signedInAt: new Date().toISOString(),
          };
          const made = await connect(options).privacyRequests.assertSignedIn(said);
          show(options, made, () => `${made.url}\nOnce, until ${made.expiresAt}, in your customer’s own browser`);
        }, options),
    );
}
