/** `strongroom privacy …`: what customers are told, and what they said. */
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as WebStream } from 'node:stream/web';

import type { Command } from 'commander';

import type { NewConsents, PrivacyDecision, PrivacyRequest } from '@strongroom/sdk';

import { connect, show, Usage, withConnection, type Run, type Shared } from './connection.ts';
import { tcfCommands } from './privacy-tcf.ts';
import { fromInput, harmless } from './terminal.ts';

type Said = NonNullable<NewConsents['said']>[number]['said'];
const SAID: readonly string[] = ['given', 'refused', 'withdrawn', 'objected'];
const METHODS: readonly string[] = ['web', 'app', 'phone', 'paper', 'in-person', 'email', 'import'];

export function privacyCommands(program: Command, run: Run): void {
  const privacy = program.command('privacy').description('tell customers the truth, and do what they ask');
  noticeCommands(privacy, run);
  requestCommands(privacy, run);
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
function requestCommands(privacy: Command, run: Run): void {
  const requests = privacy.command('requests').description('what customers ask for, the next deadline first');
  withConnection(requests.command('list').description('open ones; --closed those that were answered'))
    .option('--closed', 'those that were answered')
    .action((options: Shared & { closed?: boolean }) =>
      run(async () => {
        const found = await connect(options).privacyRequests.list(options.closed === true ? 'closed' : 'open');
        show(options, found, () => found.requests.map(requestLine).join('\n') || 'none');
      }, options),
    );
  withConnection(requests.command('show <request>').description('what is asked, and every step')).action(
    (id: string, options: Shared) =>
      run(async () => {
        const found = await connect(options).privacyRequests.get(id);
        show(options, found, () =>
          [requestLine(found), ...(found.words === null ? [] : [`  "${harmless(found.words)}"`]), ...found.steps.map(({ at, step, actor, auditIndex }) => `  ${at}  ${step.padEnd(12)} ${actor}  entry ${auditIndex}`)].join('\n'),
        ); // prettier-ignore
      }, options),
  );
  withConnection(
    requests
      .command('decide <request> <decision>')
      .description('fulfil, partly, refuse or extend; an erasure needs a second person'),
  )
    .requiredOption('--answer <text>', 'what the customer reads; - reads it from standard input')
    .action((id: string, decision: string, options: Shared & { answer: string }) =>
      run(async () => {
        if (!DECISIONS.includes(decision)) throw new Usage(`decide ${DECISIONS.join(', ')}`);
        const answer = fromInput(options.answer);
        const made = await connect(options).privacyRequests.decide(id, { decision: decision as PrivacyDecision['decision'], answer }); // prettier-ignore
        show(options, made, () => requestLine(made));
      }, options),
    );
  withConnection(
    requests
      .command('copy <request> <file>')
      .description('the copy for who asked by letter or mail: an age file, and the passphrase that opens it'),
  ).action((id: string, file: string, options: Shared) =>
    run(async () => {
      const passphrase = randomBytes(15).toString('base64url');
      const copy = await connect(options).privacyRequests.copy(id, passphrase);
      await pipeline(Readable.fromWeb(copy as WebStream), createWriteStream(file, { flags: 'wx', mode: 0o600 }));
      show(options, { file, passphrase }, () => `${file} is opened by: ${passphrase}\nTell it another way than the file goes: age -d ${harmless(file)} > copy.zip`);
    }, options),
  ); // prettier-ignore
}
const DECISIONS: readonly string[] = ['fulfil', 'partly', 'refuse', 'extend'];
const requestLine = ({ id, kind, state, dueAt, overdue, subject, firstEyes }: PrivacyRequest): string =>
  `${id}  ${kind.padEnd(11)} ${state.padEnd(10)} ${overdue ? 'OVERDUE since' : 'due'} ${dueAt.slice(0, 10)}  ${subject}${firstEyes === null ? '' : `  first: ${firstEyes}`}`;

type RecordOptions = Readonly<{
  method: string;
  text?: string;
  language?: string;
  evidence?: string;
  expires?: string;
}>;
