/** `strongroom privacy …`: what customers are told, and what they said. */
import type { Command } from 'commander';

import type { NewConsents } from '@strongroom/sdk';

import { connect, show, Usage, withConnection, type Run, type Shared } from './connection.ts';
import { proofCommands } from './privacy-proofs.ts';
import { requestCommands } from './privacy-requests.ts';
import { restrictionCommands } from './privacy-restrictions.ts';
import { tcfCommands } from './privacy-tcf.ts';
import { fromInput, harmless } from './terminal.ts';

type Said = NonNullable<NewConsents['said']>[number]['said'];
const SAID: readonly string[] = ['given', 'refused', 'withdrawn', 'objected'];
const METHODS: readonly string[] = ['web', 'app', 'phone', 'paper', 'in-person', 'email', 'import'];

export function privacyCommands(program: Command, run: Run): void {
  const privacy = program.command('privacy').description('tell customers the truth, and do what they ask');
  noticeCommands(privacy, run);
  requestCommands(privacy, run);
  proofCommands(privacy, run);
  restrictionCommands(privacy, run);
  tcfCommands(privacy, run);
  withConnection(privacy.command('widget').description('what to put into a page that asks its visitors')).action(
    (options: Shared) =>
      run(async () => {
        const found = await connect(options).consents.widget();
        show(options, found, () => found.snippet);
      }, options),
  );
  const consent = privacy.command('consent').description('what a subject said to purposes');
  withConnection(consent.command('show <holder>').description('what holds now, and all that was said')).action(
    (holder: string, options: Shared) =>
      run(async () => {
        const room = connect(options);
        const found = await room.consents.get(holder);
        const events = [...found.events];
        for (let { next } = found; next !== null;) {
          const more = await room.consents.get(holder, { after: next });
          events.push(...more.events);
          next = more.next;
        }
        show(options, { ...found, events, next: null }, () =>
          [
            ...found.purposes.map(({ purpose, state, used, choice }) => `${purpose.padEnd(28)} ${state.padEnd(10)} ${used ? 'used' : choice === 'group' ? '' : 'not used'}`),
            ...events.map(({ at, said, purpose, id }) => `  ${at}  ${said.padEnd(10)} ${purpose}  ${id}`),
            `the chain is ${found.chain}`,
          ].join('\n'),
        ); // prettier-ignore
        return found.chain === 'whole' ? 0 : 6;
      }, options),
  );
  withConnection(
    consent.command('record <subject> <purpose> <said>').description(`record what was said: ${SAID.join(', ')}`),
  )
    .requiredOption('--method <method>', METHODS.join(', '))
    .option('--text <text>', 'the exact text that was shown, needed for a yes; - reads it from standard input')
    .option('--language <tag>', 'of the text, such as en')
    .option('--evidence <words>', 'where it can be looked up')
    .option('--expires <time>', 'until when a yes holds, ISO 8601')
    .action((subject: string, purpose: string, said: string, options: Shared & RecordOptions) =>
      run(async () => {
        if (!SAID.includes(said)) throw new Usage(`say ${SAID.join(', ')}`);
        if (!METHODS.includes(options.method)) throw new Usage(`--method is ${METHODS.join(', ')}`);
        const { text, language, evidence, expires } = options;
        const made = await connect(options).consents.record({
          holder: { subject },
          said: [{ purpose, said: said as Said, ...(expires === undefined ? {} : { expiresAt: expires }) }],
          method: options.method as NewConsents['method'],
          ...(text === undefined ? {} : { text: fromInput(text) }),
          ...(language === undefined ? {} : { language }),
          ...(evidence === undefined ? {} : { evidence }),
        });
        show(options, made, () => made.events.map((each) => `${each.id}\n${each.receipt}`).join('\n'));
      }, options),
    );
  withConnection(
    consent.command('link <subject> <purpose>').description('a link that ends it with one click, for one message'),
  ).action((subject: string, purpose: string, options: Shared) =>
    run(async () => {
      const made = await connect(options).consents.unsubscribeLink({ subject, purpose });
      show(options, made, () => Object.entries(made.headers).map(([name, value]) => `${name}: ${harmless(value)}`).join('\n')); // prettier-ignore
    }, options),
  );
}

function noticeCommands(privacy: Command, run: Run): void {
  withConnection(
    privacy.command('notice').description('what is published, and where it is not what is enforced (exit code 6)'),
  ).action((options: Shared) =>
    run(async () => {
      const found = await connect(options).notice.get();
      show(options, found, () =>
        [
          found.published === null ? 'no notice is published' : `published ${found.published.publishedAt} in ${found.published.languages.join(', ')}: ${found.published.hash}`,
          ...found.drift.map(({ words }) => `  not as published: ${harmless(words)}`),
          ...found.missing.map((each) => `  missing: ${each}`),
          `draft ${found.draft.factsHash}`,
        ].join('\n'),
      ); // prettier-ignore
      return found.drift.length === 0 ? 0 : 6;
    }, options),
  );
}
type RecordOptions = Readonly<{
  method: string;
  text?: string;
  language?: string;
  evidence?: string;
  expires?: string;
}>;
