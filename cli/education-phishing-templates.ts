/** `strongroom education phishing template …`: mails of exercises that a company writes itself. */
import { readFileSync } from 'node:fs';

import type { PhishTemplate } from '@strongroom/sdk';
import type { Command } from 'commander';

import { connect, show, withConnection, type Run, type Shared } from './connection.ts';
import { fromInput, harmless, harmlessLines } from './terminal.ts';
import { wholeNumber } from './whole-number.ts';

type Preview = PhishTemplate['preview'];

const seen = ({ from, subject, text, leadsTo, page, asks, learn }: Preview): string =>
  harmlessLines([`From: ${from}`, `Subject: ${subject}`, '', text, `── the page behind ${leadsTo}, asks ${asks.join(', ') || 'nothing'}`, page, '', '── what is to be learned', learn].join('\n')); // prettier-ignore
const whole = (found: PhishTemplate): string =>
  [
    harmless(`${found.id}, version ${found.version}, ${found.level}${found.own ? '' : ', shipped'}${found.retired ? ', retired' : ''}`),
    '', seen(found.preview), '', ...found.cues.map(({ kind, times, shows }) => harmless(`${kind} ×${times}: ${shows}`)),
  ].join('\n'); // prettier-ignore
const sourceOf = (file: string): string => (file === '-' ? fromInput('-') : readFileSync(file, 'utf8'));

export function templateCommands(template: Command, run: Run): void {
  template.addHelpText(
    'after',
    '\nTake one that is shipped as a pattern: `template source parcel-fee > mine.md`, give it another id, and change it. No theme that hurts (pay, dismissal, health, family), no company that exists, domains that end in .example; two kinds of signs at least, and a part that says what is to be learned. How hard it is follows from its cues (NIST Phish Scale).\n\nExample:\n  strongroom education phishing template try mine.md\n  strongroom education phishing template add mine.md\n  strongroom education phishing template change mine --version 1 mine.md',
  );
  withConnection(template.command('show <id>').description('as somebody would get it, and what gives it away')).action((id: string, options: Shared) =>
    run(async () => {
      const found = await connect(options).phishing.template(id);
      show(options, found, () => whole(found));
    }, options),
  );
  withConnection(template.command('source <id>').description('as it is written')).action((id: string, options: Shared) =>
    run(async () => {
      const found = await connect(options).phishing.template(id);
      show(options, found, () => found.source);
    }, options),
  );
  withConnection(template.command('try <file>').description('how it would look, and how hard it is; nothing is kept')).action((file: string, options: Shared) =>
    run(async () => {
      const tried = await connect(options).phishing.tryTemplate(sourceOf(file));
      show(options, tried, () => `${tried.id}, ${tried.level}\n\n${seen(tried.preview)}`);
    }, options),
  );
  withConnection(template.command('add <file>').description('add one; - reads standard input')).action((file: string, options: Shared) =>
    run(async () => {
      const made = await connect(options).phishing.addTemplate(sourceOf(file));
      show(options, made, () => `${made.id} is at version ${made.version}, ${made.level}`);
    }, options),
  );
  withConnection(template.command('change <id> <file>').description('a newer version, on top of the one that you read'))
    .requiredOption('--version <number>', 'the version that you read; when somebody was faster nothing is saved')
    .action((id: string, file: string, options: Shared & { version: string }) =>
      run(async () => {
        const made = await connect(options).phishing.changeTemplate(id, wholeNumber('--version', options.version), sourceOf(file));
        show(options, made, () => `${made.id} is at version ${made.version}, ${made.level}`);
      }, options),
    );
  withConnection(template.command('retire <id>').description('it is in no new exercise any more; change brings it back'))
    .requiredOption('--version <number>', 'the version that you read')
    .action((id: string, options: Shared & { version: string }) =>
      run(async () => {
        const made = await connect(options).phishing.retireTemplate(id, wholeNumber('--version', options.version));
        show(options, made, () => `${made.id} is retired`);
      }, options),
    );
} // prettier-ignore
