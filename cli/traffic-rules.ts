/** `strongroom traffic rules …`: Sigma rules, shipped and own. */
import { readFileSync } from 'node:fs';

import type { RuleTrial } from '@strongroom/sdk';
import type { Command } from 'commander';

import { connect, EXIT, show, withConnection, type Run, type Shared } from './connection.ts';
import { harmless, harmlessLines } from './terminal.ts';
import { wholeNumber } from './whole-number.ts';

type Fault = RuleTrial['faults'][number];

export function ruleCommands(traffic: Command, run: Run): void {
  const rules = traffic.command('rules').description('detection rules in Sigma’s format, shipped and own');

  withConnection(rules.command('list', { isDefault: true }).description('all, with how often each spoke within 30 days'))
    .option('--own', 'only those of this installation')
    .action((options: Shared & { own?: boolean }) =>
      run(async () => {
        const all = await connect(options).traffic.rules();
        const found = { ...all, rules: all.rules.filter(({ own }) => own || options.own !== true) };
        show(options, found, () =>
          [
            ...found.rules.map((each) => harmless(`${each.id}  ${each.state.padEnd(9)} ${(each.level ?? '-').padEnd(13)} ${String(each.alerts).padStart(5)} alerts  ${each.title}${each.because === '' ? '' : ` (${each.because})`}`)),
            ...found.faults.map((each) => faultLine(each.file, each)),
          ].join('\n') || 'none',
        );
      }, options),
    );
  withConnection(rules.command('show <id>').description('one rule, as it is run')).action((id: string, options: Shared) =>
    run(async () => {
      const found = await connect(options).traffic.rule(id);
      // its lines stay lines
      show(options, found, () => harmlessLines(found.text));
    }, options),
  );
  withConnection(rules.command('test <file>').description('what is wrong with it, and what it would have said of the last hours; nothing is kept'))
    .option('--hours <n>', 'how far back, 1 to 720', '24')
    .addHelpText('after', '\nExit code 1 when it cannot be run. - reads from standard input.\n\nExample:\n  strongroom traffic rules test probe.yml --hours 168 && strongroom traffic rules add probe.yml')
    .action((file: string, options: Shared & { hours: string }) =>
      run(async () => {
        const hours = wholeNumber('--hours', options.hours, 1, 720);
        const found = await connect(options).traffic.testRule(textOf(file), hours);
        const wrong = found.faults.some(({ weight }) => weight === 'error');
        show(options, found, () =>
          [
            ...found.faults.map((each) => faultLine(file, each)),
            ...(wrong ? [] : [`${found.events} events were shown to it, ${found.alerts.length + found.more} alerts`]),
            ...found.alerts.map(({ at, severity, reason }) => harmless(`  ${at}  ${severity}  ${reason}`)),
            ...(found.more === 0 ? [] : [`  and ${found.more} more`]),
          ].join('\n'),
        );
        return wrong ? EXIT.failed : 0;
      }, options),
    );
  withConnection(rules.command('add <file>').description('run a rule of your own from now on, or its next version (same id)')).action(
    (file: string, options: Shared) =>
      run(async () => {
        const made = await connect(options).traffic.putRule(textOf(file));
        show(options, made, () => [`${made.id} runs.`, ...made.faults.map((each) => faultLine(file, each))].join('\n'));
      }, options),
  );
  for (const [state, words] of [['off', 'switch one off, also a shipped one'], ['on', 'switch one on again, also one that its budget suspended']] as const)
    withConnection(rules.command(`${state} <id>`).description(words))
      .requiredOption('--reason <words>', 'why')
      .action((id: string, options: Shared & { reason: string }) =>
        run(async () => {
          await connect(options).traffic.setRuleState(id, state, options.reason);
          show(options, { id, state }, () => `${id} is ${state}.`);
        }, options),
      );
  withConnection(rules.command('remove <id>').description('of your own; a shipped one is switched off')).action((id: string, options: Shared) =>
    run(async () => {
      await connect(options).traffic.removeRule(id);
      show(options, { id, removed: true }, () => `${id} is removed.`);
    }, options),
  );
} // prettier-ignore

const textOf = (file: string): string => readFileSync(file === '-' ? 0 : file, 'utf8');

const faultLine = (file: string, { line, weight, says, hint }: Fault): string =>
  `${harmless(`${file}${line === null ? '' : `:${line}`} ${weight}: ${says}`)}\n  ${harmless(hint)}`;
