/** What somebody decides: each purpose that depends on what they say, what belongs to a group below it. */
import type { PurposeState } from '../consent/consents.ts';
import { choiceRule, choiceTitle, membersOf } from '../consent/wording.ts';
import type { Texts } from '../notice/facts.ts';
import { told } from './customer-pages.ts';
import { colon, link, pageOf, type Frame } from './frame.ts';
import { html, type Html } from '#platform/html';

const isBelow = ({ purpose }: PurposeState, group: PurposeState): boolean =>
  group.choice === 'group' && purpose.startsWith(`${group.purpose}.`);

/** Each group before what belongs to it. */
function inOrder(states: readonly PurposeState[]): readonly Readonly<{ each: PurposeState; depth: number }>[] {
  const depthOf = (each: PurposeState): number => states.filter((other) => isBelow(each, other)).length;
  return states
    .filter((each) => depthOf(each) === 0)
    .flatMap((top) => [top, ...states.filter((each) => isBelow(each, top))])
    .map((each) => ({ each, depth: depthOf(each) }));
}

/** Yes and no in the same place, of the same size: neither is easier than the other. */
export function preferencesPage(frame: Frame, states: readonly PurposeState[], texts: Texts, gpc: boolean, says: string | null): string {
  const { say } = frame;
  const usedOf = (each: PurposeState): boolean => (each.choice === 'group' ? membersOf(each, states).some(({ used }) => used) : each.used);
  const form = (each: PurposeState, depth: number): Html => {
    const [title, used] = [choiceTitle(each, texts, say), usedOf(each)];
    const button = (answer: 'yes' | 'no', pressed: boolean): Html => html`<button name="said" value="${answer}" aria-pressed="${String(pressed)}" aria-label="${title}${colon(frame)} ${say(answer)}">${say(answer)}</button>`;
    // whom nobody has asked about an objection has said no to nothing, also where the browser's signal holds
    const isNo = !used && (each.state === 'withdrawn' || each.choice !== 'objection');
    return html`<section class="choice${depth === 0 ? '' : ' below'}"><h2>${title}</h2><p>${choiceRule(each, texts, say, states)}. ${say('now', { state: used ? say('used') : say('notUsed') })}.</p>
<form method="post" action="${link(frame, 'preferences')}"><input type="hidden" name="purpose" value="${each.purpose}">${each.choice === 'group' ? '' : button('yes', used)}${button('no', isNo)}</form></section>`;
  };
  return pageOf(
    frame,
    say('preferences'),
    told(says),
    html`<p class="signal${gpc ? ' on' : ''}"><strong>${say('gpc')}${colon(frame)}</strong> ${gpc ? say('gpcOn') : say('gpcOff')}</p>`,
    states.length === 0 ? html`<p>${say('noChoices')}</p>` : inOrder(states).map(({ each, depth }) => form(each, depth)),
  );
} // prettier-ignore
