/** `strongroom traffic measures|honey|playbooks`: who is held back, what is planted, what is done by itself. */
import { readFileSync } from 'node:fs';

import type { Playbook } from '@strongroom/sdk';
import type { Command } from 'commander';
import { parse } from 'yaml';

import { connect, show, Usage, withConnection, type Run, type Shared } from './connection.ts';
import { fromInput, harmless } from './terminal.ts';
import { wholeNumber } from './whole-number.ts';

export function guardCommands(traffic: Command, run: Run): void {
  measureCommands(traffic, run);
  honeyCommands(traffic, run);

  const playbooks = traffic.command('playbooks').description('what is done by itself when an alert comes');
  withConnection(playbooks.command('show', { isDefault: true }).description('all; with --json as `set` takes them')).action((options: Shared) =>
    run(async () => {
      const found = await connect(options).traffic.playbooks();
      show(options, found, () => found.playbooks.map((each) => harmless(`${each.id}  ${each.mode.padEnd(6)} ${each.rule ?? `every alert from ${each.severity}`} → ${each.action} for ${each.seconds} s, ${each.perHour} an hour at most`)).join('\n') || 'none');
    }, options),
  );
  withConnection(playbooks.command('set <file>').description('all of them, as one; JSON or YAML; - reads from standard input'))
    .addHelpText('after', '\nBegin with shadow: a case then says what would have been done. A file that `show --json` wrote has a version: it is refused when somebody saved since.\n\nExample of a file:\n  playbooks:\n    - { rule: null, severity: critical, action: throttle, seconds: 600, mode: shadow, perHour: 5 }')
    .action((file: string, options: Shared) =>
      run(async () => {
        const { all, version } = playbooksOf(readFileSync(file === '-' ? 0 : file, 'utf8'));
        await connect(options).traffic.putPlaybooks(all, { version });
        show(options, { playbooks: all.length }, () => `${all.length} playbooks hold.`);
      }, options),
    );
} // prettier-ignore

function measureCommands(traffic: Command, run: Run): void {
  const measures = traffic.command('measures').description('who is held back now; each ends by itself');
  withConnection(measures.command('list', { isDefault: true }).description('who is held back')).action((options: Shared) =>
    run(async () => {
      const found = await connect(options).traffic.measures();
      show(options, found, () => found.measures.map((each) => harmless(`${each.id}  ${each.kind.padEnd(13)} ${each.target}  until ${each.until}  ${each.reason}  ${each.by}`)).join('\n') || 'nobody');
    }, options),
  );
  withConnection(measures.command('take <target>').description('slow down a key_…, per_… or wkl_…; refuse an address or a small network'))
    .requiredOption('--reason <words>', 'why')
    .option('--seconds <n>', '60 to 604800', '3600')
    .option('--case <id>', 'that it belongs to')
    .addHelpText('after', '\nNever blocked: your own address, loopback, trusted proxies, STRONGROOM_NEVER_BLOCK.\n\nExamples:\n  strongroom traffic measures take key_… --reason "reads too much"\n  strongroom traffic measures take 192.0.2.9 --seconds 86400 --reason "scans"')
    .action((target: string, options: Shared & { reason: string; seconds: string; case?: string }) =>
      run(async () => {
        const kind = /^(?:key|per|wkl)_/.test(target) ? 'throttle' : 'block-address';
        const ask = { kind, target, seconds: wholeNumber('--seconds', options.seconds, 60, 604_800), reason: options.reason, ...(options.case === undefined ? {} : { case: options.case }) } as const;
        const made = await connect(options).traffic.takeMeasure(ask);
        show(options, made, () => `${made.id}: ${made.kind} of ${made.target} until ${made.until}`);
      }, options),
    );
  withConnection(measures.command('end <id>').description('let somebody go on')).action((id: string, options: Shared) =>
    run(async () => {
      await connect(options).traffic.endMeasure(id);
      show(options, { id, ended: true }, () => `${id} is over.`);
    }, options),
  );
} // prettier-ignore

function honeyCommands(traffic: Command, run: Run): void {
  const honey = traffic.command('honey').description('customers and tokens nobody has a reason to touch: any touch is an alert');
  withConnection(honey.command('list', { isDefault: true }).description('what is planted')).action((options: Shared) =>
    run(async () => {
      const found = await connect(options).traffic.honey();
      show(options, found, () => found.honey.map((each) => harmless(`${each.id}  ${each.kind.padEnd(8)} ${each.subjectId ?? '-'}  ${each.plantedAt}  ${each.note}`)).join('\n') || 'nothing');
    }, options),
  );
  withConnection(honey.command('plant [subject]').description('say that a customer (sub_…) is planted'))
    .requiredOption('--note <words>', 'where, and for what')
    .option('--token <->', 'a token that lies elsewhere instead, from standard input')
    .addHelpText('after', '\nExamples:\n  strongroom traffic honey plant sub_… --note "among the oldest customers"\n  strongroom traffic honey plant --token - --note "in the old backup script" < token.txt')
    .action((subject: string | undefined, options: Shared & { note: string; token?: string }) =>
      run(async () => {
        if ((subject === undefined) === (options.token === undefined)) throw new Usage('name a customer (sub_…), or give --token -');
        // a token on the command line would stand in the list of processes
        if (options.token !== undefined && options.token !== '-') throw new Usage('--token reads from standard input: --token -');
        const what = subject === undefined ? { token: fromInput('-').trim() } : { subjectId: subject };
        const made = await connect(options).traffic.plantHoney({ ...what, note: options.note });
        show(options, made, () => `${made.id} is planted.`);
      }, options),
    );
  withConnection(honey.command('remove <id>').description('it is planted no longer')).action((id: string, options: Shared) =>
    run(async () => {
      await connect(options).traffic.removeHoney(id);
      show(options, { id, removed: true }, () => `${id} is removed.`);
    }, options),
  );
} // prettier-ignore

/** @throws Usage for what is no list; what stands in it the server judges */
function playbooksOf(text: string): { all: readonly Playbook[]; version: string | undefined } {
  let read: unknown;
  try {
    read = parse(text, { maxAliasCount: 0 });
  } catch (thrown) {
    throw new Usage(`this is neither JSON nor YAML: ${(thrown as Error).message.split('\n')[0] ?? ''}`);
  }
  const all = Array.isArray(read) ? read : (read as { playbooks?: unknown } | null)?.playbooks;
  if (!Array.isArray(all)) throw new Usage('a list of playbooks, or an object with a list "playbooks"; --help has an example');
  // as `show --json` wrote it: what somebody saved since is not undone
  const version = (read as { version?: unknown }).version;
  return { all: all as readonly Playbook[], version: typeof version === 'string' ? version : undefined };
} // prettier-ignore
