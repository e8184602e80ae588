/** `strongroom access request|requests|approve|deny|cancel|activate|grants|revoke`: permission that ends. */
import type { DataClass, Grant, GrantState } from '@strongroom/sdk';
import type { Command } from 'commander';

import { connect, show, Usage, withConnection, type Run, type Shared } from './connection.ts';
import { harmless } from './terminal.ts';

const LIST = (text: string): string[] =>
  text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
const COUNT = (text: string): number => {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new Usage(`${text} is no number of reads or minutes`);
  return Number(text);
};

type Ask = Shared &
  Readonly<{
    for: string;
    classes: string;
    subjects: string;
    case?: string;
    reads?: string;
    minutes?: string;
    reason: string;
    extends?: string;
  }>;

/** What is asked for, of the options that asking and breaking glass share. */
export const askOf = (options: Ask) => ({
  purpose: options.for,
  classes: LIST(options.classes) as DataClass[],
  subjects: LIST(options.subjects),
  reason: options.reason,
  ...(options.case === undefined ? {} : { case: options.case }),
  ...(options.reads === undefined ? {} : { reads: COUNT(options.reads) }),
  ...(options.minutes === undefined ? {} : { minutes: COUNT(options.minutes) }),
});
export const withAsk = (command: Command): Command =>
  withConnection(command)
    .requiredOption('--for <purpose>', 'purpose, such as service.support')
    .requiredOption('--classes <classes>', 'classes of fields, such as personal,sensitive')
    .requiredOption('--subjects <ids>', 'whose data: sub_…,sub_…; a search says them')
    .requiredOption('--reason <text>', 'why; who approves reads it')
    .option('--case <number>', 'case or ticket elsewhere')
    .option('--reads <n>', 'reads of a record (10)')
    .option('--minutes <n>', 'how long, from activation on (60, or as long as the role may)');

export function requestCommands(access: Command, run: Run): void {
  withConnection(access.command('eligibility').description('what my role may ask for, and who approves it')).action(
    (options: Shared) =>
      run(async () => {
        const mine = await connect(options).grants.eligibility();
        show(
          options,
          mine,
          () =>
            [mine.jit, mine.breakGlass]
              .flatMap((each, at) =>
                each === null
                  ? []
                  : [
                      `${at === 0 ? 'jit' : 'breakGlass'}  up to ${each.clearUpTo}, for ${each.purposes.join(', ')}, at most ${each.maxMinutes} minutes and ${each.maxReads} reads`,
                      at === 0
                        ? `     ${each.needed} of ${each.approvers.join(', ')} approve it`
                        : `     at once; ${each.approvers.join(', ')} look at it afterwards`,
                    ],
              )
              .join('\n') || `the role ${mine.role} may ask for nothing`,
        );
      }, options),
  );
  withAsk(access.command('request').description('ask to see more, of named customers, for a time'))
    .option('--extends <grant>', 'a grant of yours that this goes on from')
    .addHelpText(
      'after',
      `
Somebody else approves it; then you activate it, and the clock starts:
  $ strongroom access request --for service.support --classes personal --subjects sub_… --reads 3 --reason "checks her address"
  $ strongroom access approve grt_… --hash … --key-file dpo.key
  $ strongroom access activate grt_…`,
    )
    .action((options: Ask) =>
      run(async () => {
        const ask = { ...askOf(options), ...(options.extends === undefined ? {} : { extends: options.extends }) };
        const made = await connect(options).grants.request(ask);
        show(
          options,
          made,
          () =>
            `${grantLines(made)}\n${made.needed} have to approve it: access approve ${made.id} --hash ${made.scopeHash}`,
        );
      }, options),
    );
  withConnection(access.command('requests').description('requests of mine, and those that I may decide on'))
    .option('--state <state>', 'pending, approved, denied, cancelled, expired, or any', 'pending')
    .action((options: Shared & { state: string }) =>
      run(async () => {
        const found = await connect(options).grants.requests({ state: options.state as GrantState });
        show(options, found, () => found.requests.map(grantLines).join('\n') || 'none');
      }, options),
    );
  withConnection(access.command('approve <request>').description('approve what another asked for'))
    .requiredOption('--hash <hash>', 'of the scope that you looked at, as `access requests` says it')
    .action((id: string, options: Shared & { hash: string }) =>
      run(async () => said(options, await connect(options).grants.approve(id, options.hash)), options),
    );
  withConnection(access.command('deny <request>').description('deny what another asked for'))
    .option('--note <text>', 'why not', '')
    .action((id: string, options: Shared & { note: string }) =>
      run(async () => said(options, await connect(options).grants.deny(id, options.note)), options),
    );
  withConnection(access.command('cancel <request>').description('take a request of mine back')).action(
    (id: string, options: Shared) => run(async () => said(options, await connect(options).grants.cancel(id)), options),
  );
  withConnection(
    access.command('activate <request>').description('begin to use what was approved: the clock starts'),
  ).action((id: string, options: Shared) =>
    run(async () => said(options, await connect(options).grants.activate(id)), options),
  );
  withConnection(access.command('grants').description('grants that are active now'))
    .option('--ended', 'those that were, instead')
    .action((options: Shared & { ended?: boolean }) =>
      run(async () => {
        const found = await connect(options).grants.list({ which: options.ended === true ? 'ended' : 'active' });
        show(options, found, () => found.grants.map(grantLines).join('\n') || 'none');
      }, options),
    );
  withConnection(access.command('revoke <grant>').description('end a grant, at the very next read'))
    .option('--note <text>', 'why', '')
    .action((id: string, options: Shared & { note: string }) =>
      run(async () => said(options, await connect(options).grants.revoke(id, options.note)), options),
    );
}

const said = (options: Shared, grant: Grant): void => show(options, grant, () => grantLines(grant));

export function grantLines({ id, state, kind, requestedBy, role, scope, ...rest }: Grant): string {
  const until = rest.until === null ? `${scope.seconds / 60} minutes` : `until ${rest.until}`;
  return [
    `${id}  ${state}  ${kind}  ${role} ${requestedBy}`,
    `  ${scope.classes.join(', ')} of ${scope.subjects.join(', ')} for ${scope.purpose}; ${rest.readsUsed} of ${scope.reads} reads, ${until}`,
    `  ${harmless(rest.reason)}`,
    `  ${rest.approvals.length} of ${rest.needed} approvals; scope ${rest.scopeHash}`,
  ].join('\n');
}
