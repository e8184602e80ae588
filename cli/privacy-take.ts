/** `strongroom privacy requests take`: a request that came by letter or telephone. */
import type { Command } from 'commander';

import type { NewPrivacyRequest } from '@strongroom/sdk';

import { connect, show, Usage, withConnection, type Run, type Shared } from './connection.ts';
import { noted, saidBy, type SaidOptions } from './privacy-turns.ts';
import { requestLine } from './request-line.ts';
import { fromInput } from './terminal.ts';

const KINDS: readonly string[] = ['access', 'copy', 'correction', 'erasure', 'restriction', 'objection', 'review'];
type TakeOptions = Shared & SaidOptions & Readonly<{ words?: string; regime?: string; language?: string }>;

export function takeCommand(requests: Command, run: Run): void {
  withConnection(
    noted(
      requests
        .command('take <subject> <kind>')
        .description(
          `one that came by letter or telephone: ${KINDS.join(', ')}; asking twice is asking once. Then vouch for who it was`,
        ),
    ),
  )
    .option('--words <text>', 'what they wrote or said; - reads it from standard input')
    .option('--regime <clock>', 'whose law: a clock of GET /v1/privacy/clocks; eu-gdpr when left out')
    .option('--language <language>', 'of mails about it: en, de, fr, es; en when left out')
    .action((subject: string, kind: string, { words, regime, language, how, asker, ...options }: TakeOptions) =>
      run(async () => {
        if (!KINDS.includes(kind)) throw new Usage(`take ${KINDS.join(', ')}`);
        const request = {
          subject,
          kind,
          ...saidBy({ how, asker }),
          ...(words === undefined ? {} : { words: fromInput(words) }),
          ...(regime === undefined ? {} : { regime }),
          ...(language === undefined ? {} : { language }),
        } as NewPrivacyRequest;
        const made = await connect(options).privacyRequests.take(request);
        show(options, made, () => requestLine(made));
      }, options),
    );
}
