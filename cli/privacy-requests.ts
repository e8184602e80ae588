/** `strongroom privacy requests …`: what customers ask for. */
import { randomBytes } from 'node:crypto';

import type { Command } from 'commander';

import type { CopyCode, CopyLinkMail, PrivacyDecision, PrivacyRequestHistory } from '@strongroom/sdk'; // prettier-ignore

import { listCommand } from './privacy-list.ts';
import { requestLine } from './request-line.ts';
import { vouchCommand } from './privacy-proofs.ts';
import { takeCommand } from './privacy-take.ts';
import { turnCommands } from './privacy-turns.ts';
import { connect, show, Usage, withConnection, type Run, type Shared } from './connection.ts';
import { writeNew } from './new-file.ts';
import { fromInput, harmless } from './terminal.ts';

export function requestCommands(privacy: Command, run: Run): void {
  const requests = privacy.command('requests').description('what customers ask for, the next deadline first');
  listCommand(requests, run);
  withConnection(requests.command('show <request>').description('what is asked, and every step'))
    .option('--clear', 'of a correction: as much of old and new as your role may see; it is in the log')
    .action((id: string, options: Shared & { clear?: boolean }) =>
      run(async () => {
        const found = await connect(options).privacyRequests.get(id, options.clear === true ? { show: 'clear' } : {});
        show(options, found, () =>
          [requestLine(found), ...(found.noted === null ? [] : [`  by ${found.noted.how}, from ${found.noted.asker}; noted by ${found.noted.role}`]), ...(found.words === null ? [] : [`  "${harmless(found.words)}"`]), ...(found.talk ?? []).map(({ what, text, at, noted }) => `  ${at}  ${what}${noted === undefined ? '' : ` (by ${noted.how}, from ${noted.asker}; noted by ${noted.role})`}${text === '' ? '' : `: "${harmless(text)}"`}`), ...(found.appealBy === null ? [] : [`  can be appealed until ${found.appealBy.slice(0, 10)}`]), ...(found.beside ?? []).map(besideLine), ...(found.seen === null ? [] : [`  seen ${found.seen}`]), ...found.steps.map(({ at, step, actor, auditIndex }) => `  ${at}  ${step.padEnd(12)} ${actor}  entry ${auditIndex}`)].join('\n'),
        ); // prettier-ignore
      }, options),
    );
  withConnection(
    requests
      .command('decide <request> <decision>')
      .description('fulfil, partly, refuse or extend; an erasure needs a second person'),
  )
    .requiredOption('--answer <text>', 'what the customer reads; - reads it from standard input')
    .option('--seen <mark>', 'of a correction: what show said')
    .option('--field <fields...>', 'of a correction that is done in part: those that are corrected, as rec_…/field')
    .option(
      '--send <what>',
      'of a copy that is fulfilled: link (when left out), a mail with a link that works once, or nothing',
    )
    .option('--language <language>', 'of that mail: en, de, fr, es; left out: as they asked')
    .option('--because <reason>', 'of a restriction that is fulfilled: accuracy, unlawful, claim or objection')
    .action((id: string, decision: string, options: Shared & DecideOptions) =>
      run(async () => {
        if (!DECISIONS.includes(decision)) throw new Usage(`decide ${DECISIONS.join(', ')}`);
        const answer = fromInput(options.answer);
        const { because, send, language, field, seen } = options;
        const made = await connect(options).privacyRequests.decide(id, {
          decision,
          answer,
          ...(because === undefined ? {} : { because }),
          ...(field === undefined ? {} : { fields: field }),
          ...(seen === undefined ? {} : { seen }),
          ...(send === undefined ? {} : { send }),
          ...(language === undefined ? {} : { language }),
        } as PrivacyDecision);
        show(options, made, () =>
          [requestLine(made), ...(made.link === undefined ? [] : [codeLine(made.link)])].join('\n'),
        );
      }, options),
    );
  withConnection(
    requests
      .command('link <request>')
      .description('the mail with the link to a copy once more; the link before it is dead'),
  )
    .option('--language <language>', 'of the mail: en, de, fr, es; left out: as they asked')
    .action((id: string, options: Shared & { language?: string }) =>
      run(async () => {
        const { language } = options;
        const mail = (language === undefined ? {} : { language }) as CopyLinkMail;
        const made = await connect(options).privacyRequests.sendLink(id, mail);
        show(options, made, () => codeLine(made));
      }, options),
    );
  takeCommand(requests, run);
  turnCommands(requests, run);
  vouchCommand(requests, run);
  withConnection(
    requests
      .command('copy <request> <file>')
      .description('the copy for who asked by letter or mail: an age file, and the passphrase that opens it'),
  ).action((id: string, file: string, options: Shared) =>
    run(async () => {
      const passphrase = randomBytes(15).toString('base64url');
      await writeNew(file, () => connect(options).privacyRequests.copy(id, passphrase));
      show(options, { file, passphrase }, () => `${file} is opened by: ${passphrase}\nTell it another way than the file goes: age -d ${harmless(file)} > copy.zip`);
    }, options),
  ); // prettier-ignore
}
/** @param shown as much of a value as this role shows */
const valueIn = (shown: Readonly<{ value?: unknown; masked?: unknown }> | null): string => {
  const each = shown?.value ?? shown?.masked ?? '-';
  return harmless(typeof each === 'string' ? each : JSON.stringify(each));
};
const besideLine = ({ record, field, outcome, state, held, asked }: Beside): string =>
  outcome === 'asked'
    ? `  ${record}/${field}  ${state}  ${valueIn(held)} -> ${valueIn(asked)}`
    : `  ${record}/${field}  ${outcome}`;
type Beside = NonNullable<PrivacyRequestHistory['beside']>[number];
const codeLine = ({ code, expiresAt }: CopyCode): string =>
  `a link is on its way by mail; it works once, until ${expiresAt.slice(0, 10)}, with the code ${code}\nTell the code by letter or telephone, never by mail: it is not shown again`;
const DECISIONS: readonly string[] = ['fulfil', 'partly', 'refuse', 'extend'];
type DecideOptions = Readonly<{
  answer: string;
  field?: string[];
  seen?: string;
  because?: string;
  send?: string;
  language?: string;
}>;
