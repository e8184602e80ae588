/** `strongroom assurance findings …`: what was found, who works on it, what two people live with. */
import type { Finding, FindingAsk, WholeFinding } from '@strongroom/sdk';
import type { Command } from 'commander';

import { connect, show, Usage, withConnection, type Run, type Shared } from './connection.ts';
import { harmless } from './terminal.ts';
import { wholeNumber } from './whole-number.ts';

const MOVES = ['triage', 'start', 'ready', 'fixed', 'not-affected', 'false-positive', 'duplicate', 'reopen'] as const;
type Move = (typeof MOVES)[number];
const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const;

export function findingCommands(assurance: Command, run: Run): void {
  const findings = assurance.command('findings').description('what was found, who works on it, what two people live with');

  withConnection(findings.command('list', { isDefault: true }).description('open ones, the one that is due first'))
    .option('--state <state>', 'open, all, or one of them')
    .option('--severity <severity>', SEVERITIES.join(', '))
    .option('--source <source>', 'a tool, "control test", advisories')
    .option('--after <place>', 'where the page before ended')
    .option('--limit <n>', 'how many, 1 to 999', '100')
    .action((options: Shared & { state?: string; severity?: string; source?: string; after?: string; limit: string }) =>
      run(async () => {
        const { state, severity, source, after } = options;
        const given = Object.entries({ state, severity, source, after }).filter(([, value]) => value !== undefined);
        const ask = { ...Object.fromEntries(given), limit: wholeNumber('--limit', options.limit, 1, 999) } as FindingAsk;
        const found = await connect(options).assurance.findings(ask);
        show(options, found, () => [...found.findings.map(findingLine), ...(found.next === null ? [] : [`there are more: --after ${found.next}`])].join('\n') || 'none');
      }, options),
    );
  withConnection(findings.command('show <id>').description('what happened to it, and what can be done')).action((id: string, options: Shared) =>
    run(async () => tell(options, await connect(options).assurance.finding(id)), options),
  );
  withConnection(findings.command('note <title>').description('what somebody reported, by the address of security.txt: a new finding'))
    .requiredOption('--severity <severity>', SEVERITIES.join(', '))
    .requiredOption('--asset <name>', 'what it is about')
    .requiredOption('--place <place>', 'where in it')
    .option('--description <words>', 'as it was reported', '')
    .option('--reporter <name>', 'who reported it', '')
    .action((title: string, options: Shared & { severity: string; asset: string; place: string; description: string; reporter: string }) =>
      run(async () => {
        const severity = SEVERITIES.find((each) => each === options.severity);
        if (severity === undefined) throw new Usage(`--severity is one of ${SEVERITIES.join(', ')}`);
        const { asset, place, description, reporter } = options;
        tell(options, await connect(options).assurance.note({ title, severity, asset, place, description, reporter }));
      }, options),
    );
  withConnection(findings.command('change <id> [move]').description(MOVES.join(', ')))
    .option('--note <words>', 'why; the ways aside need it', '')
    .option('--severity <severity>', 'as a person judges it')
    .option('--owner <person>', 'per_…; "" for nobody')
    .option('--duplicate-of <id>', 'fnd_…')
    .option('--justification <word>', 'of not-affected, in the words of VEX: component_not_present, vulnerable_code_not_in_execute_path, …')
    .option('--anchor <version>', 'of which that is said')
    .addHelpText('after', '\nWhat a control test found is closed by that test alone: mend it, and run the test.\n\nExamples:\n  strongroom assurance findings change fnd_… start --owner per_…\n  strongroom assurance findings change fnd_… false-positive --note "the port is a honeypot: nmap -sV"')
    .action((id: string, move: string | undefined, options: Shared & { note: string; severity?: string; owner?: string; duplicateOf?: string; justification?: string; anchor?: string }) =>
      run(async () => {
        const known = MOVES.find((each) => each === move);
        if (move !== undefined && known === undefined) throw new Usage(`the move is one of ${MOVES.join(', ')}`);
        const { assurance: room } = connect(options);
        const { version } = await room.finding(id);
        const { note, severity, owner, duplicateOf, justification, anchor } = options;
        const given = Object.fromEntries(Object.entries({ severity, owner, duplicateOf, justification, anchor }).filter(([, value]) => value !== undefined));
        tell(options, await room.change(id, { version, note, ...(known === undefined ? {} : { move: known satisfies Move }), ...given }));
      }, options),
    );

  const accept = findings.command('accept').description('live with one for a while: two people, and something in place of the fix');
  withConnection(accept.command('propose <id>').description('until a day, at most 180 days from now'))
    .requiredOption('--control <words>', 'what stands in for the fix')
    .requiredOption('--reason <words>', 'why it cannot be mended now')
    .option('--days <n>', '1 to 180', '30')
    .action((id: string, options: Shared & { control: string; reason: string; days: string }) =>
      run(async () => {
        const { assurance: room } = connect(options);
        const { version } = await room.finding(id);
        tell(options, await room.proposeAcceptance(id, { version, days: wholeNumber('--days', options.days, 1, 180), control: options.control, reason: options.reason }));
      }, options),
    );
  for (const verb of ['approve', 'refuse'] as const)
    withConnection(accept.command(`${verb} <id>`).description(verb === 'approve' ? 'somebody else than who proposed it' : 'it stays open'))
      .option('--note <words>', 'why', '')
      .action((id: string, options: Shared & { note: string }) =>
        run(async () => {
          const { assurance: room } = connect(options);
          const ask = { version: (await room.finding(id)).version, note: options.note };
          tell(options, await (verb === 'approve' ? room.approveAcceptance(id, ask) : room.refuseAcceptance(id, ask)));
        }, options),
      );
} // prettier-ignore

function findingLine({ id, severity, state, dueAt, overdue, title, asset, place }: Finding): string {
  return harmless(`${id}  ${severity.padEnd(8)} ${state.padEnd(16)} ${overdue ? 'OVERDUE' : 'due    '} ${dueAt.slice(0, 10)}  ${title}`).concat(`\n    ${harmless(`${asset} ${place}`)}`); // prettier-ignore
}

function tell(options: Shared, found: WholeFinding): void {
  show(options, found, () =>
    [
      findingLine(found),
      ...(found.description === '' ? [] : found.description.split('\n').map((line) => `    ${harmless(line)}`)),
      `found by ${harmless(found.source)}, ${found.seen} times since ${found.firstSeenAt.slice(0, 10)}; reopened ${found.reopened} times; owner ${found.owner ?? 'nobody'}`,
      ...(found.acceptedUntil === null ? [] : [`accepted until ${found.acceptedUntil.slice(0, 10)}`]),
      ...found.acceptances.filter(({ state }) => state === 'proposed').map((each) => harmless(`proposed to be accepted until ${each.until.slice(0, 10)} by ${each.proposedBy}: ${each.reason} (${each.control})`)),
      'history:',
      ...found.events.map(({ at, by, what, to, note }) => harmless(`  ${at.slice(0, 16)}  ${what}${to === null ? '' : ` → ${to}`}  ${by}${note === '' ? '' : `  ${note}`}`)),
      `can: ${found.can.join(', ') || 'nothing by hand'}`,
    ].join('\n'),
  );
} // prettier-ignore
