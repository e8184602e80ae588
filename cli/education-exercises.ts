/** `strongroom education exercises …`: tasks on made-up customers, graded from the audit log. */
import type { Command } from 'commander';

import type { Exercise, HandedInExercise } from '@strongroom/sdk';

import { connect, show, Usage, withConnection, type Run, type Shared } from './connection.ts';
import { harmless } from './terminal.ts';

type Told = Pick<HandedInExercise, 'says' | 'lines'>;
const MARKS = { right: '✔', wrong: '✖', missing: '·' } as const;

const told = ({ says, lines }: Told): string[] => [
  harmless(says),
  ...lines.map((each) => `  ${MARKS[each.kind]} ${harmless(each.says)}${each.entry === undefined ? '' : `  (entry ${each.entry})`}${each.hint === undefined ? '' : `\n      ${harmless(each.hint)}`}`),
]; // prettier-ignore

function words({ id, title, minutes, state, brief, waitsUntil, try: open, last }: Exercise): string {
  return [
    `${id}: ${harmless(title)}, ${minutes} minutes, ${state}${waitsUntil === null ? '' : `, not before ${waitsUntil}`}`,
    '',
    harmless(brief),
    ...(open === null ? [] : ['', `open until ${open.endsAt}, as ${open.role}; do it in the console`]),
    ...(open?.planted ?? []).map(({ name, entry, at, who, what, records }) => harmless(`  ${name}  ${at}  ${records} records  ${what} (${who}; made up, entry ${entry})`)),
    ...(open === null ? [] : ['', ...told(open)]),
    ...(last === null ? [] : ['', `the last one: ${last.verdict}`, ...told(last)]),
  ].join('\n');
} // prettier-ignore

export function exerciseCommands(education: Command, run: Run): void {
  const exercises = education
    .command('exercises')
    .description('tasks on made-up customers, done in the console and graded from the audit log')
    .addHelpText(
      'after',
      '\nBegin and hand in with a key of your own (Me, Keys in the console): what counts is what you do signed in, and nothing that the key does. A try lasts two hours; three tries, then a day.\n\nExample:\n  strongroom education exercises list',
    );
  withConnection(exercises.command('list').description('all there are, and how the owner of the key stands')).action(
    (options: Shared) =>
      run(async () => {
        const found = await connect(options).exercises.list();
        show(options, found, () =>
          found.exercises.map(({ id, title, minutes, audience, state }) => harmless(`${id.padEnd(26)} ${state.padEnd(7)} ${String(minutes).padStart(2)} min  ${title}  (${audience.join(', ')})`)).join('\n'),
        );
      }, options),
  ); // prettier-ignore
  withConnection(exercises.command('show <exercise>').description('the task, and what the log shows so far')).action(
    (id: string, options: Shared) =>
      run(async () => {
        const found = await connect(options).exercises.get(id);
        show(options, found, () => words(found));
      }, options),
  );
  withConnection(exercises.command('start <exercise>').description('begin a try, or go on with the open one')).action(
    (id: string, options: Shared) =>
      run(async () => {
        const begun = await connect(options).exercises.begin(id);
        show(options, begun, () => words(begun));
      }, options),
  );
  withConnection(
    exercises.command('hand-in <exercise>').description('have the open try graded from the log; 1: not passed'),
  ).action((id: string, options: Shared) =>
    run(async () => {
      const graded = await connect(options).exercises.handIn(await openTry(id, options));
      show(options, graded, () =>
        [...told(graded), ...graded.courses.map((each) => `course ${each} is passed by it`)].join('\n'),
      );
      return graded.verdict === 'passed' ? 0 : 1;
    }, options),
  );
  withConnection(
    exercises.command('give-up <exercise>').description('end the open try without a result; it counts as one'),
  ).action((id: string, options: Shared) =>
    run(async () => {
      await connect(options).exercises.giveUp(await openTry(id, options));
      show(options, { ended: true }, () => 'it is over');
    }, options),
  );
}

/** @throws Usage where none is open */
async function openTry(exercise: string, options: Shared): Promise<string> {
  const { try: open } = await connect(options).exercises.get(exercise);
  if (open === null) throw new Usage(`no try of ${exercise} is open: strongroom education exercises start ${exercise}`);
  return open.id;
}
