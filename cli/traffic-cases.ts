/** `strongroom traffic cases …`: what was found, who works on it, what was done. */
import type { WholeCase } from '@strongroom/sdk';
import type { Command } from 'commander';

import { connect, show, Usage, withConnection, type Run, type Shared } from './connection.ts';
import { harmless } from './terminal.ts';
import { alertLine, caseLine } from './traffic-words.ts';
import { wholeNumber } from './whole-number.ts';

const STATES = ['open', 'working', 'closed', 'all'] as const;
const SEVERITIES = ['informational', 'low', 'medium', 'high', 'critical'] as const;
const VERDICTS = ['true-positive', 'benign', 'false-positive'] as const;
const ACTIONS = ['step-up', 'revoke-sessions', 'revoke-key', 'throttle', 'block-address'] as const;

export function caseCommands(traffic: Command, run: Run): void {
  const cases = traffic.command('cases').description('what was found, who works on it, what was done');

  withConnection(cases.command('list', { isDefault: true }).description('those that are not closed, the one that moved last first'))
    .option('--state <state>', STATES.join(', '))
    .option('--about <whom>', 'as "key key_…" or "address 192.0.2.1"')
    .option('--least <severity>', SEVERITIES.join(', '))
    .option('--before <place>', 'where the page before ended')
    .option('--limit <n>', 'how many, 1 to 999', '100')
    .action((options: Shared & { state?: string; about?: string; least?: string; before?: string; limit: string }) =>
      run(async () => {
        const { about, before } = options;
        const least = options.least === undefined ? undefined : oneOf('--least', SEVERITIES, options.least);
        const state = options.state === undefined ? undefined : oneOf('--state', STATES, options.state);
        const found = await connect(options).traffic.cases({ limit: wholeNumber('--limit', options.limit, 1, 999), ...(state === undefined ? {} : { state }), ...(about === undefined ? {} : { about }), ...(least === undefined ? {} : { least }), ...(before === undefined ? {} : { before }) });
        show(options, found, () => [...found.cases.map(caseLine), ...(found.next === null ? [] : [`there are more: --before ${found.next}`])].join('\n') || 'none');
      }, options),
    );
  withConnection(cases.command('show <id>').description('alerts with their reasons, customers, steps, what can be done')).action(
    (id: string, options: Shared) => run(async () => tell(options, await connect(options).traffic.case(id)), options),
  );
  withConnection(cases.command('evidence <id> <alert>').description('the events that show one alert, in OCSF; whoever asks is in the audit log')).action(
    (id: string, alert: string, options: Shared) =>
      run(async () => {
        const found = await connect(options).traffic.evidence(id, alert);
        show(options, found, () => found.events.map((each) => harmless(JSON.stringify(each))).join('\n') || 'kept no longer');
      }, options),
  );
  withConnection(cases.command('take <id>').description('work on it'))
    .option('--take-over', 'from whoever works on it')
    .action((id: string, options: Shared & { takeOver?: boolean }) =>
      run(async () => tell(options, await connect(options).traffic.takeCase(id, { takeOver: options.takeOver === true })), options),
    );
  withConnection(cases.command('note <id> <text>').description('note something in it')).action((id: string, text: string, options: Shared) =>
    run(async () => tell(options, await connect(options).traffic.noteCase(id, text)), options),
  );
  withConnection(cases.command('act <id> <action>').description(`to whom it is about; the narrowest that helps: ${ACTIONS.join(', ')}`))
    .requiredOption('--reason <words>', 'why')
    .option('--seconds <n>', 'of what ends by itself, 60 to 604800', '3600')
    .addHelpText('after', '\nExample:\n  strongroom traffic cases act case_… revoke-key --reason "the key was stolen"')
    .action((id: string, action: string, options: Shared & { reason: string; seconds: string }) =>
      run(async () => {
        const ask = { action: oneOf('the action', ACTIONS, action), reason: options.reason, seconds: wholeNumber('--seconds', options.seconds, 60, 604_800) };
        tell(options, await connect(options).traffic.actOnCase(id, ask));
      }, options),
    );
  withConnection(cases.command('close <id>').description('with a verdict'))
    .requiredOption('--verdict <verdict>', VERDICTS.join(', '))
    .requiredOption('--note <words>', 'what it was')
    .action((id: string, options: Shared & { verdict: string; note: string }) =>
      run(async () => tell(options, await connect(options).traffic.closeCase(id, { verdict: oneOf('--verdict', VERDICTS, options.verdict), note: options.note })), options),
    );

  const quiet = cases.command('quiet').description('what nobody wants to hear of for a while: list, add, end');
  withConnection(quiet.command('list', { isDefault: true }).description('what is quiet, and how often it came all the same')).action((options: Shared) =>
    run(async () => {
      const found = await connect(options).traffic.suppressions();
      show(options, found, () => found.suppressions.map((each) => harmless(`${each.id}  ${each.rule}${each.about === null ? '' : `, ${each.about}`}  until ${each.until}  ${each.hits} times  ${each.reason}`)).join('\n') || 'none');
    }, options),
  );
  withConnection(quiet.command('add <rule>').description('do not hear of a rule until a day, for a reason'))
    .requiredOption('--reason <words>', 'why')
    .option('--about <whom>', 'only of these, as "key key_…"; else of everybody')
    .option('--days <n>', '1 to 90', '7')
    .action((rule: string, options: Shared & { reason: string; about?: string; days: string }) =>
      run(async () => {
        const { about, reason } = options;
        const made = await connect(options).traffic.suppress({ rule, reason, days: wholeNumber('--days', options.days, 1, 90), ...(about === undefined ? {} : { about }) });
        show(options, made, () => `${made.id}: quiet until ${made.until}`);
      }, options),
    );
  withConnection(quiet.command('end <id>').description('hear of it again')).action((id: string, options: Shared) =>
    run(async () => {
      await connect(options).traffic.endSuppression(id);
      show(options, { id, ended: true }, () => `${id} is over.`);
    }, options),
  );
} // prettier-ignore

function oneOf<T extends string>(name: string, all: readonly T[], text: string): T {
  const found = all.find((each) => each === text);
  if (found === undefined) throw new Usage(`${name} is one of ${all.join(', ')}`);
  return found;
}

function tell(options: Shared, found: WholeCase): void {
  show(options, found, () =>
    [
      caseLine(found),
      ...(found.verdict === null ? [] : [`verdict: ${found.verdict}`]),
      ...(found.attack.length === 0 ? [] : [`MITRE ATT&CK: ${found.attack.join(', ')}`]),
      `customers: ${found.subjects.join(', ') || 'none named'}${found.customers > found.subjects.length ? `, of ${found.customers}` : ''}`,
      'alerts:',
      ...found.newestAlerts.map((each) => `  ${alertLine(each)}  ${harmless(each.uid)}`),
      'steps:',
      ...found.steps.map(({ at, by, kind, note }) => harmless(`  ${at}  ${kind}  ${note}  ${by}`)),
      `can be done: ${found.actions.join(', ') || 'nothing'}`,
    ].join('\n'),
  );
}
