/** `strongroom education history …`: what people learned, for another system. */
import { createWriteStream, rmSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as WebStream } from 'node:stream/web';

import type { Command } from 'commander';

import { connect, show, Usage, withConnection, type Run, type Shared } from './connection.ts';

type Wanted = Shared & Readonly<{ as: string; out: string; person?: string; since?: string; lines?: true }>;

export function historyCommands(education: Command, run: Run): void {
  const history = education.command('history').description('what people were asked to learn, and what came of it');
  withConnection(history.command('export').description('as statements of xAPI 1.0.3, for a learning record store; people are accounts under a pseudonym'))
    .requiredOption('--as <form>', 'xapi')
    .requiredOption('--out <file>', 'new file, for you alone')
    .option('--person <id>', 'of one person alone, also of one who has left; left out: of all who work here')
    .option('--since <time>', 'from then on, as 2026-01-31 or 2026-01-31T09:00:00Z; left out: from the beginning')
    .option('--lines', 'a statement on each line, instead of one JSON array')
    .addHelpText('after', '\nExample:\n  strongroom education history export --as xapi --since 2026-01-01 --out history.json\n\nThe same thing has the same statement id each time: sending it again doubles nothing. In it:\nwhat was assigned (registered), begun (launched), passed, failed, signed (acknowledged), what\nended (expired), what was taken back (revoked), and what that turned out to be wrong (voided).\nNot in it: names, mail addresses, answers, reasons, and exercises with mail.\n')
    .action((options: Wanted) =>
      run(async () => {
        const { as, out, person, since, lines } = options;
        if (as !== 'xapi') throw new Usage('--as is xapi');
        if (since !== undefined && Number.isNaN(Date.parse(since))) throw new Usage('--since is a time, such as 2026-01-31');
        const body = await connect(options).trainingExports.history({
          ...(person === undefined ? {} : { person }),
          ...(since === undefined ? {} : { since: new Date(since).toISOString() }),
          ...(lines === undefined ? {} : { form: 'lines' as const }),
        });
        const file = createWriteStream(out, { flags: 'wx', mode: 0o600 });
        let begun = false;
        file.once('open', () => (begun = true));
        try {
          await pipeline(Readable.fromWeb(body as WebStream), file);
        } catch (thrown) {
          // a part of it must never pass for all of it
          if (begun) rmSync(out, { force: true });
          throw thrown;
        }
        show(options, { file: out, bytes: file.bytesWritten }, () => `${out}: ${file.bytesWritten} bytes`);
      }, options),
    );
} // prettier-ignore
