/** `strongroom education …`: who has learned what, and what follows for their access. */
import type { Command } from 'commander';

import type { TrainingDuty } from '@strongroom/sdk';

import { connect, show, Usage, withConnection, type Run, type Shared } from './connection.ts';
import { exerciseCommands } from './education-exercises.ts';
import { certificateCommands } from './education-certificates.ts';
import { courseCommands } from './education-courses.ts';
import { historyCommands } from './education-history.ts';
import { drillCommands } from './education-drills.ts';
import { incidentCommands } from './education-incidents.ts';
import { learnCommands } from './education-learn.ts';
import { phishingCommands } from './education-phishing.ts';
import { violationCommands } from './education-violations.ts';
import { fromInput, harmless } from './terminal.ts';

type Kind = 'course' | 'policy' | 'drill';
const KINDS: readonly string[] = ['course', 'policy', 'drill'];
const TEXT_KINDS: readonly string[] = ['lesson', 'quiz', 'exercise', 'policy', 'drill'];

/** @throws Usage */
function kindOf(text: string): Kind {
  if (!KINDS.includes(text)) throw new Usage(`say ${KINDS.join(' or ')}, not ${harmless(text)}`);
  return text as Kind;
}
const day = (at: string | null): string => (at === null ? '' : at.slice(0, 10));
const dutyLine = ({ kind, id, state, effect, dueAt, lapsesAt }: TrainingDuty): string =>
  `  ${kind.padEnd(7)} ${id.padEnd(26)} ${state.padEnd(9)} ${effect.padEnd(7)} ${dueAt === null ? '' : `due ${day(dueAt)}`}${lapsesAt === null ? '' : `, shuts ${day(lapsesAt)}`}`.trimEnd();

export function educationCommands(program: Command, run: Run): void {
  const education = program
    .command('education')
    .description(
      'who has learned and signed what, and what follows for their access; one learns and signs in the console',
    );
  withConnection(education.command('status').description('how many stand how, and which roles ask for nothing')).action(
    (options: Shared) =>
      run(async () => {
        const found = await connect(options).education.coverageOfAll();
        show(options, found, () => {
          const duties = found.people.flatMap((each) => each.duties);
          const counts = Map.groupBy(duties, ({ state }) => state);
          return [
            `${found.people.length} people, ${duties.length} duties`,
            ...[...counts].map(([state, all]) => `  ${state.padEnd(9)} ${all.length}`),
            ...(found.untaught.length === 0 ? [] : [`ask for nothing: ${found.untaught.join(', ')}`]),
          ].join('\n');
        });
      }, options),
  );
  withConnection(
    education.command('coverage').description('who stands how with what, who loses access first above'),
  ).action((options: Shared) =>
    run(async () => {
      const found = await connect(options).education.coverageOfAll();
      const first = (duties: readonly TrainingDuty[]): string =>
        duties.map(({ lapsesAt }) => lapsesAt ?? '9').toSorted()[0] ?? '9';
      show(
        options,
        found,
        () =>
          found.people
            .toSorted((a, b) => (first(a.duties) < first(b.duties) ? -1 : 1))
            .flatMap(({ id, name, roles, away, duties }) => [
              `${id}  ${harmless(name)}  ${roles.join(', ')}${away ? '  (away)' : ''}`,
              ...duties.map(dutyLine),
            ])
            .join('\n') || 'nobody works here yet',
      );
    }, options),
  );
  withConnection(
    education.command('texts').description('lessons, quizzes, exercises, policies and drills that were published'),
  ).action((options: Shared) =>
    run(async () => {
      const found = await connect(options).education.texts();
      show(options, found, () =>
        found.texts
          .map(
            ({ kind, id, seq, locale, publishedAt, title }) =>
              `${kind.padEnd(8)} ${id.padEnd(26)} ${String(seq).padStart(3)}  ${locale}  ${day(publishedAt)}  ${harmless(title)}`,
          )
          .join('\n'),
      );
    }, options),
  );
  withConnection(
    education
      .command('text <kind> <id>')
      .description(`the newest version as it was published; kinds: ${TEXT_KINDS.join(', ')}`),
  ).action((kind: string, id: string, options: Shared) =>
    run(async () => {
      if (!TEXT_KINDS.includes(kind)) throw new Usage(`kinds are ${TEXT_KINDS.join(', ')}`);
      const found = await connect(options).education.text(kind as 'lesson', id);
      show(options, found, () => found.source);
    }, options),
  );
  withConnection(
    education
      .command('publish <kind> <file>')
      .description('publish a text on top of the version that --replaces names; - reads standard input'),
  )
    .option('--replaces <hash>', 'hash of the newest version; left out where there is none')
    .option('--material', 'it changes what people do: they do it anew within a week (a policy says so itself)')
    .action((kind: string, file: string, options: Shared & Readonly<{ replaces?: string; material?: true }>) =>
      run(async () => {
        if (!TEXT_KINDS.includes(kind)) throw new Usage(`kinds are ${TEXT_KINDS.join(', ')}`);
        const { readFileSync } = await import('node:fs');
        const source = file === '-' ? fromInput('-') : readFileSync(file, 'utf8');
        const made = await connect(options).education.publish({
          kind: kind as 'lesson',
          source,
          replaces: options.replaces ?? null,
          material: options.material ?? false,
        });
        show(options, made, () => `${made.kind} ${made.id} is at version ${made.seq}, ${made.hash}`);
      }, options),
    );
  withConnection(
    education
      .command('assign <kind> <id> <person...>')
      .description('assign a course, policy or drill: 30 days for it, then grace, then no customer'),
  ).action((kind: string, id: string, people: string[], options: Shared) =>
    run(async () => {
      const made = await connect(options).education.assign({ kind: kindOf(kind), id, people });
      show(options, made, () => `${made.assigned} of ${people.length} did not have it yet`);
    }, options),
  );
  withConnection(
    education
      .command('revoke <kind> <id> <person>')
      .description('take back what somebody passed or signed: it is done anew before customers open again'),
  )
    .requiredOption('--because <words>', 'why, for who looks at it later; the log does not have it')
    .action((kind: string, id: string, person: string, options: Shared & Readonly<{ because: string }>) =>
      run(async () => {
        await connect(options).education.revoke({ kind: kindOf(kind), id, person, because: options.because });
        show(options, { revoked: true }, () => `${id} counts as never done from now on`);
      }, options),
    );
  withConnection(education.command('away <person>').description('somebody is away: their clocks stand still'))
    .requiredOption('--from <time>', 'ISO 8601')
    .option('--until <time>', 'left out where it is not known yet')
    .action((person: string, options: Shared & Readonly<{ from: string; until?: string }>) =>
      run(async () => {
        const made = await connect(options).education.noteAbsence({
          person,
          from: options.from,
          until: options.until ?? null,
        });
        show(options, made, () => made.id);
      }, options),
    );
  withConnection(education.command('back <absence>').description('when an absence without an end is over'))
    .requiredOption('--until <time>', 'ISO 8601')
    .action((absence: string, options: Shared & Readonly<{ until: string }>) =>
      run(async () => {
        await connect(options).education.endAbsence(absence, options.until);
        show(options, { ended: true }, () => 'their clocks go on');
      }, options),
    );
  exemptionCommands(education, run);
  exerciseCommands(education, run);
  drillCommands(education, run);
  violationCommands(education, run);
  learnCommands(education, run);
  certificateCommands(education, run);
  courseCommands(education, run);
  historyCommands(education, run);
  phishingCommands(education, run);
  incidentCommands(education, run);
}

function exemptionCommands(education: Command, run: Run): void {
  const exempt = education.command('exempt').description('exemptions, by two people and with an end');
  withConnection(exempt.command('list').description('newest first')).action((options: Shared) =>
    run(async () => {
      const found = await connect(options).education.exemptions();
      show(options, found, () =>
        found.exemptions
          .map(({ id, person, kind, text, until, approvedBy, endedAt }) => `${id}  ${person}  ${kind} ${text}  until ${day(until)}  ${endedAt !== null ? 'ended' : approvedBy === null ? 'waits for another person' : 'holds'}`)
          .join('\n') || 'none',
      );
    }, options),
  );
  withConnection(exempt.command('ask <kind> <id> <person>').description('holds once another person has approved it'))
    .requiredOption('--until <time>', 'ISO 8601, within a year')
    .requiredOption('--because <words>', 'why')
    .action((kind: string, id: string, person: string, options: Shared & Readonly<{ until: string; because: string }>) =>
      run(async () => {
        const made = await connect(options).education.askExemption({ kind: kindOf(kind), id, person, until: options.until, because: options.because });
        show(options, made, () => made.id);
      }, options),
    );
  for (const [what, says] of [['approve', 'as another person than who asked'], ['end', 'now']] as const)
    withConnection(exempt.command(`${what} <exemption>`).description(says)).action((id: string, options: Shared) =>
      run(async () => {
        const { education: calls } = connect(options);
        await (what === 'approve' ? calls.approveExemption(id) : calls.endExemption(id));
        show(options, { done: true }, () => (what === 'approve' ? 'it holds' : 'it is over'));
      }, options),
    );
} // prettier-ignore
