/** `strongroom education drills …`: incidents that are made up, played through against the clock, and scored. */

import type { IncidentDrill as Drill, IncidentDrillLine as DrillLine } from '@strongroom/sdk';
import type { Command } from 'commander';

import { connect, show, Usage, withConnection, type Run, type Shared } from './connection.ts';
import { writeNew } from './new-file.ts';
import { harmless, harmlessLines } from './terminal.ts';

const each = (value: string, before: string[]): string[] => [...before, value];
const percent = (part: number | null): string => (part === null ? '-' : `${Math.round(part * 1000) / 10} %`);
const when = (at: string): string => at.slice(0, 16).replace('T', ' ');

const line = ({ id, state, title, beginsAt, joined, asked, total, precision, recall, medianMinutes }: DrillLine): string =>
  harmless(`DRILL ${id}  ${state.padEnd(7)} ${when(beginsAt)}  ${joined}/${asked} in  ${title}${total === null ? '' : `  score ${percent(total)}${medianMinutes === null ? '' : `, half decided within ${medianMinutes} min`}${precision === null ? '' : `, precision ${percent(precision)}, recall ${percent(recall)}`}`}`); // prettier-ignore

function words(drill: Drill): string {
  const { injects, breach, clocks, score, debrief, notes, nextMinute } = drill;
  return [
    'DRILL: nothing of this has happened, and nobody outside is told.',
    line(drill), '', harmlessLines(drill.story), '',
    `minute ${drill.elapsedMinutes} of ${drill.minutes}; in the story it is ${when(drill.storyAt)} UTC${nextMinute === null ? '' : `; more comes at minute ${nextMinute}`}${drill.isIn ? '' : '; you have not said that you are in'}`,
    ...injects.flatMap(({ id, minute, from, says, decide }) => [
      '', harmless(`[${minute}] ${from}`), harmlessLines(`  ${says}`),
      ...(decide === null ? [] : [harmless(`  ${id}: ${decide.asks}${decide.clock === null ? '' : ` (${decide.clock})`}`), ...decide.options.map((option, at) => harmless(`    ${decide.decided?.option === at ? '>' : ' '} ${at}  ${option}`))]),
    ]),
    ...(breach === null ? [] : ['', `[${breach.minute}] the log`, harmless(`  ${breach.asks}`), ...breach.actors.map(({ id, says }) => harmless(`    ${id}  ${says}`)), ...breach.asked.map(({ actors, from, to, subjects, entries }) => `  asked ${actors.join(', ')} ${from} to ${to}: ${subjects} people, ${entries} entries`)]),
    ...(clocks.length === 0 ? [] : ['', ...clocks.map(({ id, state, hoursLeft, dueAt }) => `${id.padEnd(18)} ${state}${hoursLeft === null ? '' : `, ${hoursLeft} h left`}${dueAt === null ? '' : `, due ${when(dueAt)}`}`)]),
    ...(score === null ? [] : [
      '', `${score.passed ? 'PASSED' : 'NOT PASSED'}: ${percent(score.total)}, asked for ${percent(drill.passes)}`,
      ...score.decisions.flatMap(({ inject, right, late, minutes, best, because }) => [`  ${right ? '✔' : '✖'} ${inject}${minutes === null ? ', nobody decided' : `, after ${minutes} min`}${late ? ', late' : ''}`, ...(right ? [] : [harmless(`      ${best}`)]), harmless(`      ${because}`)]),
      ...(score.scope === null ? [] : [`  found ${score.scope.found}, concerned ${score.scope.concerned}, both ${score.scope.hit}: precision ${percent(score.scope.precision)}, recall ${percent(score.scope.recall)}`]),
    ]),
    ...(debrief === null ? [] : ['', harmlessLines(debrief)]),
    ...notes.map(({ at, text }) => harmlessLines(`note ${when(at)}  ${text}`)),
  ].join('\n');
} // prettier-ignore

export function drillCommands(education: Command, run: Run): void {
  const drills = education
    .command('drills')
    .description('incidents that are made up, played through against the clock, and scored')
    .addHelpText(
      'after',
      '\nA drill tells a story piece by piece. Say that you are in, decide what you would really do, and in some of them find in a log whom it concerned. Nothing of it leaves: no customer, no authority, no register hears of it.\n\nWith a key of your own (Me, Keys in the console) you play it here, or signed in in the console; with --person or --role you begin it for others, who are told by mail (training.manage).\n\nExample:\n  strongroom education drills texts\n  strongroom education drills begin stolen-laptop\n  strongroom education drills join drl_…\n  strongroom education drills decide drl_… call 2\n  strongroom education drills next drl_…',
    );
  const shown = (options: Shared, drill: Drill): void => show(options, drill, () => words(drill));
  withConnection(drills.command('list', { isDefault: true }).description('all of them with their scores, the newest first')).option('--before <place>', 'where the page before ended').action((options: Shared & { before?: string }) =>
    run(async () => {
      const found = await connect(options).incidentDrills.list(options.before);
      show(options, found, () => [...found.drills.map(line), ...(found.next === null ? [] : [`there are more: --before ${found.next}`])].join('\n') || 'there was none yet');
    }, options),
  );
  withConnection(drills.command('mine').description('those that the owner of the key was asked to take part in')).action((options: Shared) =>
    run(async () => {
      const found = await connect(options).incidentDrills.mine();
      show(options, found, () => found.drills.map(line).join('\n') || 'none; begin one for yourself: strongroom education drills begin <text>');
    }, options),
  );
  withConnection(drills.command('texts').description('what can be played')).action((options: Shared) =>
    run(async () => {
      const { texts } = await connect(options).incidentDrills.texts();
      show(options, { texts }, () => texts.map(({ id, title }) => harmless(`${id.padEnd(20)} ${title}`)).join('\n'));
    }, options),
  );
  withConnection(drills.command('about <text>').description('what it is about, and how long it takes; not what comes in it')).action((id: string, options: Shared) =>
    run(async () => {
      const found = await connect(options).incidentDrills.about(id);
      show(options, found, () => harmlessLines(`${found.title}, ${found.minutes} minutes, ${found.decisions} decisions${found.breach ? ', and a log to ask' : ''}; passed from ${percent(found.passes)} on, it holds ${found.validityDays} days\n\n${found.story}`));
    }, options),
  );
  withConnection(drills.command('begin <text>').description('for yourself, or for others'))
    .option('--person <id>', 'who takes part; may be repeated', each, [])
    .option('--role <role>', 'all who have it; may be repeated', each, [])
    .option('--at <time>', 'ISO 8601, within 60 days; left out: now')
    .action((text: string, options: Shared & { person: string[]; role: string[]; at?: string }) =>
      run(async () => {
        const made = await connect(options).incidentDrills.begin({ text, ...(options.person.length === 0 ? {} : { people: options.person }), ...(options.role.length === 0 ? {} : { roles: options.role }), ...(options.at === undefined ? {} : { beginsAt: options.at }) });
        show(options, made, () => `${made.id} begins ${when(made.beginsAt)} UTC for ${made.asked} ${made.asked === 1 ? 'person' : 'people'}`);
      }, options),
    );
  for (const [name, says, does] of [
    ['show', 'as far as it has come; when it is over, its score', (options: Shared, id: string) => connect(options).incidentDrills.get(id)],
    ['join', 'say that you are in: it counts for who is in before half of it is over', (options: Shared, id: string) => connect(options).incidentDrills.join(id)],
    ['next', 'what comes next comes now; with nothing left it is over and scored', (options: Shared, id: string) => connect(options).incidentDrills.next(id)],
    ['stop', 'it counts for nobody', (options: Shared, id: string) => connect(options).incidentDrills.stop(id)],
  ] as const)
    withConnection(drills.command(`${name} <drill>`).description(says)).action((id: string, options: Shared) => run(async () => shown(options, await does(options, id)), options));
  withConnection(drills.command('decide <drill> <inject> <option>').description('by the number of the option; the first decision counts for all')).action((id: string, inject: string, option: string, options: Shared) =>
    run(async () => {
      if (!/^[0-9]{1,2}$/.test(option)) throw new Usage('an option is its number, from 0');
      shown(options, await connect(options).incidentDrills.decide(id, inject, Number(option)));
    }, options),
  );
  withConnection(drills.command('scope <drill>').description('ask the log of the drill; the last answer is scored'))
    .option('--actor <id>', 'key_…, per_… or wkl_…; may be repeated', each, [])
    .requiredOption('--from <time>', 'ISO 8601')
    .requiredOption('--to <time>', 'ISO 8601')
    .action((id: string, options: Shared & { actor: string[]; from: string; to: string }) =>
      run(async () => shown(options, await connect(options).incidentDrills.scope(id, { actors: options.actor, from: options.from, to: options.to })), options),
    );
  withConnection(drills.command('note <drill> <text>').description('what was odd; afterwards, what is to be changed')).action((id: string, text: string, options: Shared) =>
    run(async () => shown(options, await connect(options).incidentDrills.note(id, text)), options),
  );
  withConnection(drills.command('report <drill>').description('the after-action report as Markdown, each part marked as a drill')).option('--out <file>', 'left out: shown').action((id: string, options: Shared & { out?: string }) =>
    run(async () => {
      const ask = () => connect(options).incidentDrills.report(id);
      if (options.out === undefined) {
        const shownHere = await ask();
        return show(options, shownHere, () => harmlessLines(shownHere.text));
      }
      let made: Awaited<ReturnType<typeof ask>> | undefined;
      await writeNew(options.out, async () => {
        made = await ask();
        return Buffer.from(made.text);
      });
      show(options, made, () => `written to ${harmless(options.out ?? '')}`);
    }, options),
  );
} // prettier-ignore
