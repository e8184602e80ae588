/** `strongroom education history …`: what people learned, for another system. */

import type { Command } from 'commander';

import { connect, show, Usage, withConnection, type Run, type Shared } from './connection.ts';
import { writeNew } from './new-file.ts';

type Wanted = Shared & Readonly<{ as: string; out: string; person?: string; since?: string; lines?: true }>;

export function historyCommands(education: Command, run: Run): void {
  const history = education.command('history').description('what people were asked to learn, and what came of it');
  withConnection(history.command('export').description('as statements of xAPI 1.0.3, for a learning record store; people are accounts under a pseudonym'))
    .requiredOption('--as <form>', 'xapi')
    .requiredOption('--out <file>', 'new file, for you alone')
    .option('--person <id>', 'of one person alone, also of one who has left; left out: of all who work here')
    .option('--since <time>', 'what happened from then on, as 2026-01-31 or 2026-01-31T09:00:00Z; left out: from the beginning')
    .option('--lines', 'a statement on each line, instead of one JSON array')
    .addHelpText('after', '\nExample:\n  strongroom education history export --as xapi --since 2026-01-01 --out history.json\n\nThe same thing has the same statement id each time: sending it again doubles nothing.\n--since goes by when things happened, not by when they were written down, which may be later\n(a drill that is scored late): go some days back, or leave it out.\n\nIn it:\nwhat was assigned (registered), begun (launched), passed, failed, signed (acknowledged), what\nended (expired), what was taken back (revoked), and what that turned out to be wrong (voided).\nNot in it: names, mail addresses, answers, reasons, and exercises with mail.\nIt is personal data all the same: who has one certificate or training.read finds the person.\n\nThe file is there once all of it is; what was killed leaves FILE.part.\n')
    .action((options: Wanted) =>
      run(async () => {
        const { as, out, person, since, lines } = options;
        if (as !== 'xapi') throw new Usage('--as is xapi');
        if (since !== undefined && Number.isNaN(Date.parse(since))) throw new Usage('--since is a time, such as 2026-01-31');
        const asked = {
          ...(person === undefined ? {} : { person }),
          ...(since === undefined ? {} : { since: new Date(since).toISOString() }),
          ...(lines === undefined ? {} : { form: 'lines' as const }),
        };
        const bytes = await writeNew(out, () => connect(options).trainingExports.history(asked));
        show(options, { file: out, bytes }, () => `${out}: ${bytes} bytes`);
      }, options),
    );
} // prettier-ignore
