/** `strongroom privacy requests withdraw | ask | reply | appeal`: turns that a request takes before or after its answer. */
import type { Command } from 'commander';

import type { PrivacyQuestion, PrivacyRequest, PrivacySaid, PrivacyTakenBack } from '@strongroom/sdk';

import { connect, show, Usage, withConnection, type Run, type Shared } from './connection.ts';
import { requestLine } from './request-line.ts';
import { fromInput } from './terminal.ts';

const QUESTIONS: readonly string[] = ['scope', 'identity', 'detail'];
const WAYS: readonly string[] = ['telephone', 'letter', 'mail', 'in-person'];
const ASKERS: readonly string[] = ['subject', 'agent', 'unheld'];
export type SaidOptions = { how?: string | undefined; asker?: string | undefined };
type AskOptions = Shared & Readonly<{ words: string; stop?: boolean; how?: string }>;

/** Who said it, and by which way. */
export const noted = (command: Command): Command =>
  command
    .option('--how <way>', `by which way they said it: ${WAYS.join(', ')}`)
    .option('--asker <who>', `who said it: ${ASKERS.join(', ')}; subject when left out`);
export function saidBy({ how, asker }: SaidOptions): SaidOptions {
  if (!WAYS.includes(how ?? '')) throw new Usage(`--how ${WAYS.join(', ')}`);
  if (asker !== undefined && !ASKERS.includes(asker)) throw new Usage(`--asker ${ASKERS.join(', ')}`);
  return { how, ...(asker === undefined ? {} : { asker }) };
}

export function turnCommands(requests: Command, run: Run): void {
  const shown = (options: Shared, made: PrivacyRequest): void => show(options, made, () => requestLine(made));
  withConnection(
    noted(
      requests
        .command('withdraw <request>')
        .description('the customer has taken it back: nothing more is done of it, and they are told'),
    ),
  )
    .option('--words <text>', 'what they said; - reads it from standard input')
    .action((id: string, { words, how, asker, ...options }: Shared & SaidOptions & { words?: string }) =>
      run(async () => {
        const said = { ...saidBy({ how, asker }), ...(words === undefined ? {} : { words: fromInput(words) }) };
        shown(options, await connect(options).privacyRequests.withdraw(id, said as PrivacyTakenBack));
      }, options),
    );
  withConnection(
    requests
      .command('ask <request> <question>')
      .description('ask them: scope (which of much data), identity (is it you), or detail (anything else)'),
  )
    .requiredOption('--words <text>', 'what they read in the center; - reads it from standard input')
    .option('--stop', 'the clock stands still until they answer, where the law has it')
    .option('--how <way>', 'mail (when left out), or otherwise: you have told them by letter or telephone')
    .action((id: string, question: string, { words, stop, how, ...options }: AskOptions) =>
      run(async () => {
        if (!QUESTIONS.includes(question)) throw new Usage(`ask ${QUESTIONS.join(', ')}`);
        const asked = { question, words: fromInput(words), stop: stop === true, ...(how === undefined ? {} : { how }) };
        shown(options, await connect(options).privacyRequests.clarify(id, asked as PrivacyQuestion));
      }, options),
    );
  const said = (words: string, by: SaidOptions): PrivacySaid =>
    ({ words: fromInput(words), ...saidBy(by) }) as PrivacySaid;
  withConnection(
    noted(
      requests
        .command('reply <request>')
        .description('go on with one that waits: with what they said by letter or telephone, or without'),
    ),
  )
    .option('--words <text>', 'what they said; - reads it from standard input')
    .action((id: string, { words, how, asker, ...options }: Shared & SaidOptions & { words?: string }) =>
      run(async () => {
        const reply = words === undefined ? undefined : said(words, { how, asker });
        shown(options, await connect(options).privacyRequests.reply(id, reply));
      }, options),
    );
  withConnection(
    noted(
      requests
        .command('appeal <request>')
        .description('they do not agree with the answer: another person decides; once, where the law has it'),
    ),
  )
    .requiredOption('--words <text>', 'why not; - reads it from standard input')
    .action((id: string, { words, how, asker, ...options }: Shared & SaidOptions & { words: string }) =>
      run(
        async () => shown(options, await connect(options).privacyRequests.appeal(id, said(words, { how, asker }))),
        options,
      ),
    );
}
