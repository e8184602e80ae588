/** `strongroom education incidents …`: what happened, whom it concerns, what is told by when. */
import type { Incident, IncidentChange, IncidentScope } from '@strongroom/sdk';
import type { Command } from 'commander';

import { connect, show, Usage, withConnection, type Run, type Shared } from './connection.ts';
import { namelessCommands } from './education-nameless.ts';
import { harmless } from './terminal.ts';

const KINDS = [
  'account-taken-over',
  'lost-device',
  'wrong-recipient',
  'export-leaked',
  'ransomware',
  'phishing-wave',
  'other',
] as const;
const each = (value: string, before: string[]): string[] => [...before, value];
type Clock = Incident['clocks'][number];

function clockLine({ id, state, dueAt, hoursLeft, assumed, what, notedLate, notedAt }: Clock): string {
  const left = hoursLeft === null ? '' : hoursLeft < 0 ? `${-hoursLeft} h LATE` : `${hoursLeft} h left`;
  return `  ${id.padEnd(18)} ${state.padEnd(10)} ${dueAt === null ? '' : `due ${dueAt}`}  ${left}${assumed ? ' (counted from the report: nobody noted when it was known)' : ''}${notedLate ? ` (written down ${notedAt}, when it was late already)` : ''}\n    ${what}`;
}
const head = ({
  id,
  receipt,
  kind,
  severity,
  phase,
  owner,
}: Pick<Incident, 'id' | 'receipt' | 'kind' | 'severity' | 'phase' | 'owner'>): string =>
  harmless(`${id}  ${receipt}  ${phase.padEnd(8)} ${severity.padEnd(8)} ${kind}${owner === null ? '' : `  ${owner}`}`);

function whole(incident: Incident): string {
  return [
    head(incident),
    `version ${incident.version}`,
    '',
    'clocks',
    ...incident.clocks.map(clockLine),
    '',
    'timeline',
    ...incident.timeline.map(({ seq, kind, happenedAt, by, text, detail }) =>
      harmless(
        `  ${seq}  ${happenedAt}  ${kind} ${JSON.stringify(detail)}  ${by}${text === null ? '' : `\n     ${text}`}`,
      ),
    ),
    '',
    'decisions',
    ...(incident.decisions.length === 0
      ? ['  none']
      : incident.decisions.map(
          ({ seq, clock, what, state, by, settledBy, outdated }) =>
            `  ${seq}  ${clock}: ${what}, ${state}${outdated ? ', but more is known since: decide anew' : ''}; ${by}${settledBy === null ? '' : `, ${settledBy}`}`,
        )),
    '',
    'tasks',
    ...incident.tasks.map(({ id, phase, owner, says, doneAt, late, dueAt }) =>
      harmless(
        `  ${doneAt === null ? (late ? 'LATE' : 'open') : 'done'}  ${id.padEnd(16)} ${phase.padEnd(8)} ${owner.padEnd(9)} ${says} (${dueAt})`,
      ),
    ),
    '',
    `next: ${incident.next.map(({ to, needs }) => `${to}${needs.length === 0 ? '' : ` (needs ${needs.join(', ')})`}`).join(', ')}`,
  ].join('\n');
}

function scopeText({ id, hash, totals, says }: IncidentScope): string {
  return [
    `${id}: ${totals.subjects} people, ${totals.inClear} in clear, ${totals.maskedOnly} masked only, ${totals.knownOnly} that they are known here; ${totals.entries} entries`,
    `hash ${hash}`,
    ...(totals.classes.length === 0 ? [] : [`classes: ${totals.classes.join(', ')}`]),
    'not known:',
    ...says.map((line) => `  ${line}`),
  ].join('\n');
}

type NewChange = IncidentChange extends infer Each
  ? Each extends { version: number }
    ? Omit<Each, 'version'>
    : never
  : never;

export function incidentCommands(education: Command, run: Run): void {
  const incidents = education.command('incidents').description('what happened, whom it concerns, what is told to whom by when');
  namelessCommands(incidents, run, KINDS);
  const change = async (options: Shared & { at?: string }, id: string, what: NewChange): Promise<void> => {
    const { incidents: api } = connect(options);
    const { version } = await api.get(id);
    const changed = await api.change(id, { ...what, ...(options.at === undefined ? {} : { happenedAt: options.at }), version });
    show(options, changed, () => whole(changed));
  };

  withConnection(incidents.command('report <what>').description('say what happened, in your words; you need not be sure'))
    .option('--kind <kind>', KINDS.join(', '), 'other')
    .option('--at <time>', 'when it happened, as 2026-03-02T08:00:00Z; left out: now')
    .addHelpText('after', '\nAnybody who works here may. Nothing is held against whoever reports.\n\nExample:\n  strongroom education incidents report "I lost my phone on the train" --kind lost-device')
    .action((what: string, options: Shared & { kind: string; at?: string }) =>
      run(async () => {
        const kind = KINDS.find((known) => known === options.kind);
        if (kind === undefined) throw new Usage(`--kind is ${KINDS.join(', ')}`);
        const made = await connect(options).incidents.report({ what, kind, ...(options.at === undefined ? {} : { happenedAt: options.at }) });
        show(options, made, () => `${made.says} (${made.id})`);
      }, options),
    );
  withConnection(incidents.command('list', { isDefault: true }).description('the one that moved last first, with the clocks that run')).option('--before <place>', 'where the page before ended').action((options: Shared & { before?: string }) =>
    run(async () => {
      const found = await connect(options).incidents.list(options.before);
      show(options, found, () => [...found.incidents.flatMap((line) => [head(line), ...line.clocks.filter(({ state }) => state === 'running' || state === 'late').map(clockLine)]), ...(found.next === null ? [] : [`there are more: --before ${found.next}`])].join('\n') || 'none');
    }, options),
  );
  withConnection(incidents.command('show <id>').description('timeline, clocks, tasks, decisions; that you read it is in the log')).action((id: string, options: Shared) =>
    run(async () => {
      const found = await connect(options).incidents.get(id);
      show(options, found, () => whole(found));
    }, options),
  );
  withConnection(incidents.command('note <id> <text>').description('write something down')).option('--at <time>', 'when it happened').action((id: string, text: string, options: Shared & { at?: string }) =>
    run(() => change(options, id, { kind: 'note', text }), options),
  );
  withConnection(incidents.command('fact <id> <fact>').description('aware, high-risk, or notified: clocks begin and end with these'))
    .option('--at <time>', 'when it was so, as 2026-03-02T08:00:00Z; of aware and high-risk it is needed: the law counts from it')
    .option('--clock <clock>', 'of notified: which one, such as gdpr-33')
    .action((id: string, fact: string, options: Shared & { at?: string; clock?: string }) =>
      run(async () => {
        if (fact !== 'aware' && fact !== 'high-risk' && fact !== 'notified') throw new Usage('the fact is aware, high-risk or notified');
        if (fact !== 'notified' && options.at === undefined) throw new Usage(`--at says since when it was so: the clock of the law counts from then`);
        await change(options, id, { kind: 'fact', fact, ...(options.clock === undefined ? {} : { clock: options.clock }) } as NewChange);
      }, options),
    );
  withConnection(incidents.command('phase <id> <phase>').description('contain, scope, decide, notify, recover, learn; what is missing is said')).option('--because <words>', 'where a reason is needed').action((id: string, to: string, options: Shared & { because?: string }) =>
    run(() => change(options, id, { kind: 'phase', to, ...(options.because === undefined ? {} : { text: options.because }) } as NewChange), options),
  );
  withConnection(incidents.command('done <id> <task>').description('a task of the playbook is done')).option('--at <time>', 'when').action((id: string, task: string, options: Shared & { at?: string }) =>
    run(() => change(options, id, { kind: 'task', task }), options),
  );
  withConnection(incidents.command('scope <id>').description('ask the audit log whose data left; what it cannot say is said'))
    .requiredOption('--from <time>', 'as 2026-03-02T08:00:00Z; too early rather than too late')
    .requiredOption('--to <time>', 'within')
    .option('--actor <id>', 'a key, person or workload; may be given again', each, [])
    .option('--grant <id>', 'may be given again', each, [])
    .option('--request <id>', 'may be given again', each, [])
    .action((id: string, options: Shared & { from: string; to: string; actor: string[]; grant: string[]; request: string[] }) =>
      run(async () => {
        const { from, to, actor: actors, grant: grants, request: requests } = options;
        if (actors.length + grants.length + requests.length === 0) throw new Usage('--actor, --grant or --request says whose doing it was');
        const found = await connect(options).incidents.scope(id, { from, to, actors, grants, requests });
        show(options, found, () => scopeText(found));
      }, options),
    );
  withConnection(incidents.command('clocks <id>').description('what is due when, and by which law')).action((id: string, options: Shared) =>
    run(async () => {
      const { clocks } = await connect(options).incidents.get(id);
      show(options, { clocks }, () => clocks.map((clock) => `${clockLine(clock)}\n    ${clock.source}`).join('\n'));
    }, options),
  );
  withConnection(incidents.command('decide <id> <clock> <what>').description('notify or not-notify; the second takes another person: approve <decision>'))
    .requiredOption('--because <words>', 'the reasons; they are in the register')
    .addHelpText('after', '\nExample:\n  strongroom education incidents decide inc_… gdpr-33 not-notify --because "the disk was encrypted and locked"')
    .action((id: string, clock: string, what: string, options: Shared & { because: string }) =>
      run(async () => {
        if (what !== 'notify' && what !== 'not-notify') throw new Usage('decide notify or not-notify');
        await change(options, id, { kind: 'proposed', clock, what, text: options.because } as NewChange);
      }, options),
    );
  for (const [verb, kind] of [['approve', 'approved'], ['refuse', 'refused']] as const)
    withConnection(incidents.command(`${verb} <id> <decision>`).description(`${verb} a decision not to notify, by its number in the timeline`)).action((id: string, decision: string, options: Shared) =>
      run(async () => {
        if (!/^[1-9]\d{0,6}$/.test(decision)) throw new Usage('the decision is its number in the timeline');
        await change(options, id, { kind, decision: Number(decision) });
      }, options),
    );
  withConnection(incidents.command('close <id>').description('it is over')).requiredOption('--because <words>', 'what it was, what was learned').action((id: string, options: Shared & { because: string }) =>
    run(() => change(options, id, { kind: 'phase', to: 'closed', text: options.because }), options),
  );
  withConnection(incidents.command('register').description('all of them as an authority checks them, JSON (GDPR art. 33(5))')).action((options: Shared) =>
    run(async () => {
      const found = await connect(options).incidents.register();
      show(options, found, () => JSON.stringify(found, null, 2));
    }, options),
  );
  withConnection(incidents.command('draft <id>').description('a draft of the notification to the authority, JSON; a person reads and sends it')).action((id: string, options: Shared) =>
    run(async () => {
      const found = await connect(options).incidents.authorityNotice(id);
      show(options, found, () => JSON.stringify(found, null, 2));
    }, options),
  );
} // prettier-ignore
