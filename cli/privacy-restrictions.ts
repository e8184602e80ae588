/** `strongroom privacy restrictions …`: whose processing is restricted, and telling them before it ends. */
import type { Command } from 'commander';

import type { RestrictionEnd } from '@strongroom/sdk';

import { connect, show, Usage, withConnection, type Run, type Shared } from './connection.ts';
import { fromInput } from './terminal.ts';
import { wholeNumber } from './whole-number.ts';

const HOW: readonly string[] = ['mail', 'otherwise'];
type EndOptions = Readonly<{ words: string; how: string; days: string; language?: string }>;

export function restrictionCommands(privacy: Command, run: Run): void {
  const restrictions = privacy.command('restrictions').description('whose processing is restricted (GDPR art. 18)');
  withConnection(restrictions.command('list').description('the longest first')).action((options: Shared) =>
    run(async () => {
      const found = await connect(options).restrictions.list();
      show(options, found, () =>
        found.restrictions
          .map(({ subject, because, since, end, liftable }) => `${subject}  ${because.padEnd(10)} since ${since.slice(0, 10)}  ${end === null ? 'not told that it ends' : `ends ${end.endsAt.slice(0, 10)}, told by ${end.mail === null ? 'other means' : `mail (${end.mail})`}`}${liftable ? '  can be lifted' : ''}`)
          .join('\n') || 'none',
      ); // prettier-ignore
    }, options),
  );
  withConnection(
    restrictions
      .command('end <subject>')
      .description('tell them that it ends; when that day has come, strongroom vault unrestrict lifts it'),
  )
    .requiredOption('--words <text>', 'why it ends, as they read it in the center; - reads it from standard input')
    .requiredOption('--how <how>', 'mail, or otherwise: you told them by letter or telephone')
    .option('--days <number>', 'until it ends, 1 to 90', '7')
    .option('--language <language>', 'of the mail: en, de, fr, es')
    .action((subject: string, options: Shared & EndOptions) =>
      run(async () => {
        const { words, how, days, language } = options;
        if (!HOW.includes(how)) throw new Usage(`--how is ${HOW.join(' or ')}`);
        const told = {
          words: fromInput(words),
          how,
          days: wholeNumber('--days', days, 1, 90),
          ...(language === undefined ? {} : { language }),
        } as RestrictionEnd;
        const made = await connect(options).restrictions.end(subject, told);
        show(options, made, () => `${subject} was told: it ends ${made.end?.endsAt ?? ''}`);
      }, options),
    );
}
