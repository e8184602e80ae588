/** The after-action report of a drill, as a text that can be kept: each part of it says that nothing of it has happened. */
import { authorityNotice } from '../incidents/notices.ts';
import { timeText } from '../standing/zone.ts';
import { MARK } from './needs.ts';
import type { DrillView } from './view.ts';

const percent = (part: number): string => `${Math.round(part * 1000) / 10} %`;
const BANNER = `**${MARK}: this was practice. Nothing of it has happened; it is no incident and no notification.**`;

export function afterAction(view: DrillView): string {
  const { score } = view;
  const lines = [
    `# ${MARK}: ${view.title}`, '', BANNER, '',
    `${timeText(new Date(view.beginsAt))} to ${timeText(new Date(view.endsAt))}, led by ${view.ledBy}. ${view.joined} of ${view.asked} people took part.`, '',
    ...(score === null ? [`It was ${view.state === 'stopped' ? 'stopped, and counts for nobody' : 'not over when this was written'}.`, ''] : [`**${score.passed ? 'Passed' : 'Not passed'}**: ${percent(score.total)} of the points; ${percent(view.passes)} were asked for.`, '']),
    `## ${MARK}: what was decided`, '',
    ...(score?.decisions ?? []).flatMap((each) => [
      `### ${each.asks}`, '',
      `- decided: ${each.chose ?? 'nothing'}${each.minutes === null ? '' : `, after ${each.minutes} minutes (${Math.floor((each.storyMinutes ?? 0) / 60)} h ${(each.storyMinutes ?? 0) % 60} min of the story)`}`,
      `- ${each.right ? (each.late ? 'right, and late' : 'right') : `better: ${each.best}`}`, `- ${each.because}`,
      ...(each.clock === null ? [] : [`- clock: ${each.clock}, ${view.clocks.find(({ id }) => id === each.clock)?.state ?? ''}`]), '',
    ]),
    ...(score === null || score.scope === null ? [] : [
      `## ${MARK}: whom it concerned`, '',
      `- found ${score.scope.found}, concerned ${score.scope.concerned}, of both ${score.scope.hit}`,
      `- precision ${percent(score.scope.precision)}, recall ${percent(score.scope.recall)}${score.scope.minutes === null ? ', the log was not asked' : `, asked after ${score.scope.minutes} minutes`}`, '',
    ]),
    ...(view.debrief === null ? [] : [`## ${MARK}: to be remembered`, '', view.debrief, '']),
    `## ${MARK}: what we change`, '', ...(view.notes.length === 0 ? ['Nothing was noted.'] : view.notes.map(({ at, by, text }) => `- ${text.replaceAll('\n', ' ')} (${by}, ${timeText(new Date(at))})`)), '',
    ...(score === null ? [] : [`## ${MARK}: the draft to the authority that this would have been`, '', ...draft(view), '']),
    BANNER, '',
  ];
  return lines.join('\n');
} // prettier-ignore

/** By the same draft as a real one, of nobody and to nobody. */
function draft({ id, text, beginsAt, score, breach, title }: DrillView): readonly string[] {
  const last = breach?.asked.at(-1);
  const effects = last === undefined ? null : {
    classes: [], subjects: score?.scope?.found ?? 0, inClear: score?.scope?.found ?? 0, maskedOnly: 0, knownOnly: 0, entries: last.entries, firstAt: last.from, lastAt: last.to,
    upToMore: 0, unknown: last.says, scope: MARK, askedAt: last.at, scopes: [],
  };
  const notice = authorityNotice({ receipt: `${MARK}-${id}`, kind: `${MARK}: ${text}`, reportedAt: beginsAt, effects, clocks: [], measures: [], controller: { name: `${MARK}: ${title}`, contact: null } });
  return ['```', JSON.stringify({ mark: MARK, ...notice }, null, 2), '```'];
} // prettier-ignore
