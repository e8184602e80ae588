/** `strongroom education violations …`: that somebody may have broken a rule, what they say to it, and what two people decide. */
import type { Violation, ViolationLine } from '@strongroom/sdk';
import type { Command } from 'commander';

import { connect, show, Usage, withConnection, type Run, type Shared } from './connection.ts';
import { fromInput, harmless, harmlessLines } from './terminal.ts';

const CHOICES = ['none', 'coaching', 'course-again', 'access-removal', 'hr-referral'] as const;
type Choice = (typeof CHOICES)[number];

const each = (value: string, before: string[]): string[] => [...before, value];
const when = (at: string | null): string => (at === null ? '-' : `${at.slice(0, 16).replace('T', ' ')} UTC`);
const lines = (text: string | null): string => (text === null ? '(they chose to say nothing)' : harmlessLines(text));
const wordsOf = (text: string): string => (text === '-' ? fromInput('-').trim() : text);

const YOURS: Readonly<Record<string, string>> = {
  state: 'you may say something',
  vote: 'decide',
  appeal: 'you may appeal',
  answer: 'answer the appeal',
};
const line = ({ id, state, policy, openedAt, outcome, may }: ViolationLine): string =>
  `${id}  ${state.padEnd(8)} ${policy.padEnd(20)} ${openedAt.slice(0, 10)}  ${outcome ?? ''}${may.length === 0 ? '' : `  (${may.map((one) => YOURS[one]).join(', ')})`}`.trimEnd();

function words(found: Violation): string {
  const { id, state, title, person, entry, opened, statement, statementUntil, votes, decidedBy, outcome, follows, appealUntil, appeal, answer, choices, may } = found;
  return [
    harmless(`${id}  ${state}: ${title}, about ${person}`),
    harmless(`the log, entry ${entry.number} (${entry.hash}): ${entry.says ?? 'pruned'}`), '',
    `opened ${when(opened.at)} by ${opened.by}`, lines(opened.text), '',
    ...(statement === null ? [`nothing was said yet; until ${when(statementUntil)}`] : [`said ${when(statement.at)}`, lines(statement.text)]),
    ...(votes.length === 0 ? (decidedBy === 0 ? [] : [`${decidedBy} of 2 decided`]) : ['', ...votes.flatMap(({ choice, by, text }) => [`${choice}, by ${by}`, lines(text)])]),
    ...(outcome === null ? [] : ['', `decided: ${outcome}`, ...follows.map(harmless)]),
    ...(appeal === null ? (outcome === null || appealUntil === null ? [] : [`an appeal is open until ${when(appealUntil)}`]) : ['', `appealed ${when(appeal.at)}`, lines(appeal.text)]),
    ...(answer === null ? [] : [`${answer.choice} by ${answer.by}`, lines(answer.text)]),
    ...(may.length === 0 ? [] : ['', `yours: ${may.map((one) => YOURS[one]).join(', ')}${choices.length === 0 ? '' : ` (${choices.join(', ')})`}`]),
  ].join('\n');
} // prettier-ignore

/** @throws Usage */
function choiceOf(text: string): Choice {
  if (!(CHOICES as readonly string[]).includes(text)) throw new Usage(`decide ${CHOICES.join(', ')}, not ${harmless(text)}`);
  return text as Choice;
} // prettier-ignore

/** @throws Usage */
function entryOf(text: string): number {
  if (!/^(0|[1-9][0-9]{0,14})$/.test(text)) throw new Usage('an entry is its number in the log');
  return Number(text);
}

export function violationCommands(education: Command, run: Run): void {
  const violations = education
    .command('violations')
    .description('that somebody may have broken a rule, what they say to it, and what two people decide')
    .addHelpText(
      'after',
      '\nOne is opened by a person about another, on an entry of the log in which they acted: look at it with `source` first, which shows its hash. Whom it is about is told, and has ten working days to say something, or nothing. Then two people decide who have no part in it and do not know each other’s choice; what the ladder of the policy does not have cannot be chosen. An appeal is open for fifteen working days.\n\nEach command takes a key that a person made (Me, Keys): a key of nobody has no part in any. Words may come from standard input: give - in their place.\n\nMore: docs/practices/education-violations.md',
    );
  const shown = (options: Shared, found: Violation): void => show(options, found, () => words(found));
  withConnection(violations.command('list', { isDefault: true }).description('those in which you have a part; it names nobody')).option('--after <id>', 'where the page before ended').action((options: Shared & { after?: string }) =>
    run(async () => {
      const found = await connect(options).violations.list(options.after);
      show(options, found, () => [...found.violations.map(line), ...(found.next === null ? [] : [`there are more: --after ${found.next}`])].join('\n') || 'none');
    }, options),
  );
  withConnection(violations.command('mine').description('all that were opened about the owner of the key')).action((options: Shared) =>
    run(async () => {
      const found = await connect(options).violations.mine();
      show(options, found, () => found.violations.map(line).join('\n') || 'none');
    }, options),
  );
  withConnection(violations.command('source <entry>').description('an entry of the log in plain words, with its hash')).option('--person <id>', 'whether it could be held against them').action((entry: string, options: Shared & { person?: string }) =>
    run(async () => {
      const found = await connect(options).violations.source(entryOf(entry), options.person);
      show(options, found, () => [`${found.entry}  ${found.hash}  ${found.actor}`, harmless(found.says), ...(found.refused === null ? [] : [`no source: ${found.refused}`])].join('\n'));
    }, options),
  );
  withConnection(violations.command('open <person> <policy> <entry> <words>').description('what happened, and which rule it touches'))
    // an option: of 64 hashes one begins with a dash, which no argument may
    .requiredOption('--hash <hash>', 'of the entry, as `source` says it')
    .option('--intent', 'on purpose; left out: carelessness')
    .option('--rung <rung>', 'the hardest that it touches; left out: as hard as the ladder lets it')
    .option('--course <id>', 'which teaches the rule, where it may come to the course again')
    .option('--about <id>', 'an incident, finding or case beside it; may be repeated', each, [])
    .option('--apart <person>', 'who is too near to decide; may be repeated', each, [])
    .action((person: string, policy: string, entry: string, says: string, options: Shared & { hash: string; intent?: true; rung?: string; course?: string; about: string[]; apart: string[] }) =>
      run(async () => {
        const { hash, intent = false, rung, course, about, apart } = options;
        const touches = rung === undefined ? undefined : choiceOf(rung);
        if (touches === 'none') throw new Usage('a violation touches a rung');
        shown(options, await connect(options).violations.open({ person, policy, entry: entryOf(entry), hash, says: wordsOf(says), intent, about, apart, ...(touches === undefined ? {} : { rung: touches }), ...(course === undefined ? {} : { course }) }));
      }, options),
    );
  withConnection(violations.command('show <violation>').description('as far as it is yours to see; who decides has read it from then on')).action((id: string, options: Shared) =>
    run(async () => shown(options, await connect(options).violations.get(id)), options),
  );
  withConnection(violations.command('proof <violation>').description('that its entry is in the log: a tlog-proof, for anybody to verify offline')).action((id: string, options: Shared) =>
    run(async () => {
      const found = await connect(options).violations.proof(id);
      show(options, found, () => found.proof);
    }, options),
  );
  withConnection(violations.command('state <violation> [words]').description('say what happened, about whom it is; without words you say that you say nothing')).action((id: string, text: string | undefined, options: Shared) =>
    run(async () => shown(options, await connect(options).violations.state(id, text === undefined ? undefined : wordsOf(text))), options),
  );
  withConnection(violations.command('decide <violation> <choice> <because>').description(`one of ${CHOICES.join(', ')}; the person reads why`)).action((id: string, choice: string, because: string, options: Shared) =>
    run(async () => shown(options, await connect(options).violations.decide(id, { choice: choiceOf(choice), because: wordsOf(because) })), options),
  );
  withConnection(violations.command('appeal <violation> <words>').description('against what was decided about you')).action((id: string, text: string, options: Shared) =>
    run(async () => shown(options, await connect(options).violations.appeal(id, wordsOf(text))), options),
  );
  withConnection(violations.command('answer <violation> <grant|refuse> <because>').description('an appeal; granted, what was done is undone as far as it can be')).action((id: string, answer: string, because: string, options: Shared) =>
    run(async () => {
      if (answer !== 'grant' && answer !== 'refuse') throw new Usage('answer grant or refuse');
      shown(options, await connect(options).violations.answer(id, { grant: answer === 'grant', because: wordsOf(because) }));
    }, options),
  );
} // prettier-ignore
