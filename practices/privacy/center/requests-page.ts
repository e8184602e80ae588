/** What somebody has asked for, what was said about it since, and what they can still do about it. */
import type { MessageKey } from '../notice/en.ts';
import type { Texts } from '../notice/facts.ts';
import { dateIn } from '../notice/languages.ts';
import type { RequestView } from '../requests/requests.ts';
import { isEnough } from '../requests/proof.ts';
import { isClosed, nextState } from '../requests/states.ts';
import { KINDS } from '../store/requests.ts';
import { restrictedNote, told, type Restricted } from './customer-pages.ts';
import { colon, employeeIn, link, pageOf, type Frame } from './frame.ts';
import { html, type Html, type Part } from '#platform/html';

/** Fields by name, and what came of each; never a value. */
function correctionsOf(frame: Frame, { corrections }: RequestView, texts: Texts): Part {
  if (corrections === null) return null;
  const { say } = frame;
  const outcomes = { asked: say('state.received'), done: say('corrected'), declined: say('notCorrected') };
  return html`<ul>${corrections.map(({ collection, field, outcome }) => html`<li>${texts[`field.${collection}.${field}`] ?? field}${colon(frame)} ${outcomes[outcome]}</li>`)}</ul>`;
} // prettier-ignore

const SAYS = { scope: 'q.scope', identity: 'q.identity', detail: 'q.detail', again: 'askedAgain', reply: 'yourReply', appeal: 'yourAppeal', answer: 'firstAnswer', withdrawn: 'youWithdrew' } as const satisfies Record<string, MessageKey>; // prettier-ignore
/** Who told staff, by which way, and who wrote it down: by their role. */
function notedOf(frame: Frame, noted: NonNullable<RequestView['talk']>[number]['noted']): Part {
  if (noted === undefined) return null;
  const { say } = frame;
  const { asker, how, role } = noted;
  return html`<p class="note">${say('notedBy', { way: say(`way.${how}`), who: employeeIn(frame, role) })}${asker === 'subject' ? '' : ` ${say(`asker.${asker}`)}`}</p>`;
} // prettier-ignore
const talkOf = (frame: Frame, { talk }: RequestView): Part =>
  talk === null || talk.length === 0
    ? null
    : html`<ol class="talk">${talk.map(({ what, text, at, noted }) => html`<li><p><strong>${frame.say(SAYS[what])}</strong> · ${dateIn(frame.language, new Date(at))}</p>${notedOf(frame, noted)}${text === '' ? null : html`<blockquote>${text}</blockquote>`}</li>`)}</ol>`; // prettier-ignore

/** How they were known, and whether that is enough for it. */
function proofNote(frame: Frame, { proof, state }: RequestView): Part {
  const { say } = frame;
  const shown = [...new Set(proof.shown.map(({ means }) => say(`means.${means}`)))].join(', ');
  const more = !isClosed(state) && proof.needed !== null && !isEnough(proof.reached, proof.needed);
  return [
    shown === '' ? null : html`<p class="note">${say('proofShown', { shown })}</p>`,
    more && html`<p class="note">${say('proofNeeded')} <a href="${link(frame, 'prove')}">${say('prove')}</a></p>`,
  ];
} // prettier-ignore

/** Which look is doubted: the list of looks begins with it. */
const doubtedOf = (frame: Frame, { entry }: RequestView): Part =>
  entry === null
    ? null
    : html`<p><a href="${link(frame, 'seen')}&amp;before=${entry + 1}">${frame.say('doubted')}</a></p>`;

/** One form each: what the machine has for this state, and nothing else. */
function turnsOf(frame: Frame, one: RequestView, name: string): Part {
  const { say, language } = frame;
  const form = (to: string, inside: Part): Html =>
    html`<form method="post" action="${link(frame, `requests/${to}`)}"><input type="hidden" name="request" value="${one.id}">${inside}</form>`;
  const words = (label: MessageKey): Html => html`<label>${say(label)}<textarea name="words" rows="3" maxlength="4000" required></textarea></label>`; // prettier-ignore
  return [
    one.state === 'waiting' && html`<p><strong>${one.paused ? say('clockStands') : say('clockRuns')}</strong></p>${form('reply', html`${words('reply')}<button aria-label="${say('send')}: ${say('reply')}, ${name}">${say('send')}</button>`)}`,
    one.appealBy !== null && html`<details><summary>${say('appeal')}</summary><p>${say('appealHelp', { date: dateIn(language, new Date(one.appealBy)) })}</p>${form('appeal', html`${words('appealWhy')}<button aria-label="${say('appealSend')}: ${name}">${say('appealSend')}</button>`)}</details>`,
    (one.state === 'refused' || one.state === 'partly') && html`<p class="note">${one.complainTo === null ? say('complainAuthority') : say('complain', { to: one.complainTo })}</p>`,
    nextState(one.state, 'withdraw') !== null && html`<details><summary>${say('withdraw')}</summary><p>${say('withdrawSure')}</p>${form('withdraw', html`<button class="plain" aria-label="${say('withdraw')}: ${name}">${say('withdraw')}</button>`)}</details>`,
  ]; // prettier-ignore
}

/** Nothing is left to be done about it, by either. */
const isOver = ({ state, appealBy }: RequestView): boolean => isClosed(state) && appealBy === null;

export function requestsPage(frame: Frame, requests: readonly RequestView[], texts: Texts, restriction: Restricted | null, says: string | null): string {
  const { say, language } = frame;
  const kindName = (kind: string): string => (kind === 'doubt' ? say('doubt') : say(`ask.${kind}` as MessageKey));
  const due = (one: RequestView): Part => !isClosed(one.state) && !one.paused && html`. ${say('due', { date: dateIn(language, new Date(one.dueAt)) })}`;
  // what is over is one line each, but for the last of them: that is what they come to read
  const lastOver = requests.filter(isOver).reduce((last, one) => (one.receivedAt > last ? one.receivedAt : last), '');
  const card = (one: RequestView): Html => {
    const more = html`${doubtedOf(frame, one)}${notedOf(frame, one.noted ?? undefined)}${correctionsOf(frame, one, texts)}${one.words === null ? '' : html`<blockquote>${one.words}</blockquote>`}${talkOf(frame, one)}${one.answer === null ? '' : html`<p><strong>${say(one.state === 'extended' ? 'whyLonger' : 'answer')}${colon(frame)}</strong> ${one.answer}</p>`}${one.mail === null || one.mail === 'sent' ? '' : html`<p class="note">${say('mailWaits')}</p>`}${proofNote(frame, one)}${turnsOf(frame, one, kindName(one.kind))}`;
    const line = html`${dateIn(language, new Date(one.receivedAt))}${colon(frame)} ${say(`state.${one.state}` as MessageKey)}${due(one)}`;
    return html`<section class="card"><h2>${kindName(one.kind)}</h2>${isOver(one) ? html`<details${one.receivedAt === lastOver ? html` open` : ''}><summary>${line}</summary>${more}</details>` : html`<p>${line}</p>${more}`}</section>`;
  };
  return pageOf(
    frame,
    say('requests'),
    told(says),
    restrictedNote(frame, restriction),
    requests.length === 0 ? null : html`<p><a href="#ask">${say('ask')}</a></p>`,
    requests.map(card),
    html`<h2 id="ask">${say('ask')}</h2><p>${say('correctWhere')} <a href="${link(frame, 'data')}">${say('myData')}</a></p><form method="post" action="${link(frame, 'requests')}"><fieldset aria-labelledby="ask">${KINDS.filter((kind) => kind !== 'doubt').map((kind) => html`<label class="pick"><input type="radio" name="kind" value="${kind}" required>${kindName(kind)}</label>`)}</fieldset><label>${say('words')}<textarea name="words" rows="4" maxlength="4000"></textarea></label><button>${say('send')}</button></form>`,
  );
} // prettier-ignore
