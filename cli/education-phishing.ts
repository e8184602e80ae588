/** `strongroom education phishing …`: exercises, and what people report. */
import { readFileSync } from 'node:fs';

import type { PhishExercise, ReportedMails } from '@strongroom/sdk';
import type { Command } from 'commander';

import { connect, show, Usage, withConnection, type Run, type Shared } from './connection.ts';
import { templateCommands } from './education-phishing-templates.ts';
import { harmless } from './terminal.ts';

type PlanOptions = Shared & {
  name: string;
  template: string;
  from: string;
  until: string;
  role: string[];
  person: string[];
  people?: boolean;
};

const each = (value: string, before: string[]): string[] => [...before, value];
const share = (part: number, whole: number): string => (whole === 0 ? '–' : `${Math.round((100 * part) / whole)} %`);

function exerciseLine({ id, name, state, level, mode, counts, firstReportMinutes, until }: PhishExercise): string {
  const came = counts === null ? 'fewer than ten people: not shown' : `${counts.sent} got it, ${share(counts.reports, counts.sent)} reported, ${share(counts.clicks, counts.sent)} followed, ${share(counts.submits, counts.sent)} filled in`;
  const first = firstReportMinutes === null ? 'nobody has reported it' : `first report after ${firstReportMinutes} min`;
  return harmless(`${id}  ${state.padEnd(8)} ${level.padEnd(8)} ${mode}  until ${until.slice(0, 10)}  ${name}\n    ${counts === null ? '' : `${first}; `}${came}`);
} // prettier-ignore

export function phishingCommands(education: Command, run: Run): void {
  const phishing = education.command('phishing').description('exercises by mail, and reports of suspicious mail');

  withConnection(phishing.command('templates').description('mails of exercises: how hard they are, what gives them away')).action(
    (options: Shared) =>
      run(async () => {
        const found = await connect(options).phishing.templates();
        show(options, found, () =>
          [
            ...(found.on ? [] : ['exercises are not set up here: STRONGROOM_PHISHING_URL, STRONGROOM_PHISHING_PORT, STRONGROOM_HELP_DESK', '']),
            ...found.templates.map(({ id, own, level, title, cues }) => harmless(`${id.padEnd(24)} ${level.padEnd(9)} ${own ? 'own' : '   '} ${title}  (${cues.map(({ kind }) => kind).join(', ')})`)),
          ].join('\n'),
        );
      }, options),
  );

  templateCommands(phishing.command('template').description('mails of your own: by the same rules as those that are shipped'), run);

  withConnection(phishing.command('plan').description('plan an exercise: one mail each, at a random minute of their work'))
    .requiredOption('--name <name>', 'what it is called here')
    .requiredOption('--template <id>', 'one of `strongroom education phishing templates`')
    .requiredOption('--from <time>', 'as 2026-03-02T08:00:00Z')
    .requiredOption('--until <time>', 'at most 60 days later')
    .option('--role <role>', 'everybody who has it; may be given again', each, [])
    .option('--person <id>', 'somebody who works here (per_…); may be given again. Addresses are refused', each, [])
    .option('--people', 'keep what each person did, for their own history and tier')
    .addHelpText('after', '\nIt takes ten people or more. Nobody gets more than one in 30 days; the help desk is told first. Results compare within one level only.\n\nExample:\n  strongroom education phishing plan --name spring --template voice-message --role support --from 2026-03-02T08:00:00Z --until 2026-03-13T17:00:00Z')
    .action((options: PlanOptions) =>
      run(async () => {
        const { name, template, from, until, role, person } = options;
        if (role.length + person.length === 0) throw new Usage('--role or --person says who gets it');
        const mode = options.people === true ? 'people' : 'groups';
        const planned = await connect(options).phishing.plan({ name, template, from, until, mode, roles: role, people: person.map((id) => ({ id })) });
        show(options, planned, () => `${planned.id}: ${planned.recipients} people; ${planned.leftOut} get none of it`);
      }, options),
    );

  withConnection(phishing.command('list').description('exercises and what came of them, the newest first')).action((options: Shared) =>
    run(async () => {
      const found = await connect(options).phishing.exercises();
      show(options, found, () => found.exercises.map(exerciseLine).join('\n') || 'none yet');
    }, options),
  );

  withConnection(phishing.command('stop <id>').description('nothing of it leaves from now on; what waits for the mail server is taken back')).action(
    (id: string, options: Shared) =>
      run(async () => {
        const stopped = await connect(options).phishing.stop(id);
        show(options, stopped, () => `stopped; ${stopped.takenBack} mails were taken back`);
      }, options),
  );

  withConnection(phishing.command('report [file]').description('report a suspicious mail: a file as it arrived (.eml), - for standard input, or --text'))
    .option('--text <words>', 'its link, or what it says')
    .addHelpText('after', '\nExample:\n  strongroom education phishing report --text "https://parcel.example/pay"')
    .action((file: string | undefined, options: Shared & { text?: string }) =>
      run(async () => {
        if ((file === undefined) === (options.text === undefined)) throw new Usage('give a file, or --text');
        const given = options.text === undefined ? { mail: readFileSync(file === '-' ? 0 : (file as string), 'utf8') } : { text: options.text };
        const thanks = await connect(options).phishing.report({ ...given, channel: 'add-in' });
        show(options, thanks, () => `${thanks.says}${thanks.report === undefined ? '' : ` (${thanks.report})`}`);
      }, options),
    );

  withConnection(phishing.command('reports').description('what people reported and was no exercise, the same mails together, open ones first'))
    .option('--before <place>', 'where the page before ended')
    .action((options: Shared & { before?: string }) =>
    run(async () => {
      const found = await connect(options).phishing.reports(options.before);
      const line = ({ id, verdict, reports, mail, lastAt }: ReportedMails['reports'][number]): string =>
        harmless(`${id}  ${verdict.padEnd(8)} ${reports} reports, last ${lastAt.slice(0, 16)}  ${mail === null ? '' : `${mail.from}  ${mail.subject || mail.text.slice(0, 60)}`}`);
      show(options, found, () => [...found.reports.map(line), ...(found.next === null ? [] : [`there are more: --before ${found.next}`])].join('\n') || 'none');
    }, options),
  );

  withConnection(phishing.command('judge <report> <verdict>').description('phish or harmless, for all who reported it')).action(
    (id: string, verdict: string, options: Shared) =>
      run(async () => {
        if (verdict !== 'phish' && verdict !== 'harmless') throw new Usage('the verdict is phish or harmless');
        await connect(options).phishing.judge(id, verdict);
        show(options, { id, verdict }, () => `${id} is ${verdict}`);
      }, options),
  );
} // prettier-ignore
