/** Pages for who is signed in, or is about to be. Every one of them is a page and plain forms. */
import type { PurposeState } from '../consent/consents.ts';
import { choiceRule, choiceTitle } from '../consent/wording.ts';
import type { HeldFile, Page } from '../customer/my-data.ts';
import type { SeenEntry } from '../customer/seen.ts';
import { en, type MessageKey } from '../notice/en.ts';
import type { Texts } from '../notice/facts.ts';
import { dateIn } from '../notice/languages.ts';
import type { Restrictions } from '../requests/restrictions.ts';
import { CODE_MINUTES } from '../store/customers.ts';
import { colon, employeeIn, link, pageOf, roleIn, type Frame } from './frame.ts';
import { html, type Html, type Part } from '#platform/html';

export const told = (says: string | null): Part =>
  says === null ? null : html`<p class="told" role="status">${says}</p>`;
/** What did not go as somebody wanted. */
export const wrong = (says: string | null): Part =>
  says === null ? null : html`<p class="told wrong" role="alert">${says}</p>`;

/** For who is signed in, and did something too often. */
export const slowPage = (frame: Frame): string => pageOf(frame, frame.say('center'), wrong(frame.say('slow')));

export const signInPage = (frame: Frame, says: string | null = null): string =>
  pageOf(
    frame,
    frame.say('signIn'),
    wrong(says),
    html`<p>${frame.say('signInHelp', { minutes: CODE_MINUTES })}</p>
<form method="post" action="${link(frame, 'sign-in')}"><label>${frame.say('email')}<input name="email" type="email" autocomplete="email" required maxlength="254"></label><button>${frame.say('sendCode')}</button></form>`,
  ); // prettier-ignore

export const codePage = (frame: Frame, attempt: string, says: string | null = null): string =>
  pageOf(
    frame,
    frame.say('signIn'),
    wrong(says),
    html`<p>${frame.say('codeHelp', { minutes: CODE_MINUTES })}</p>
<form method="post" action="${link(frame, 'code')}"><input type="hidden" name="attempt" value="${attempt}"><label>${frame.say('code')}<input name="code" inputmode="numeric" autocomplete="one-time-code" required maxlength="12"></label><button>${frame.say('enter')}</button></form>
<p><a href="${link(frame, 'sign-in')}">${frame.say('sendCode')}</a></p>`,
  ); // prettier-ignore

/** Yes and no in the same place, of the same size: neither is easier than the other. */
export function preferencesPage(frame: Frame, states: readonly PurposeState[], texts: Texts, gpc: boolean, says: string | null): string {
  const { say } = frame;
  const titleOf = (each: PurposeState): string => choiceTitle(each, texts);
  const form = (each: PurposeState): Html => html`<section class="choice"><h2>${titleOf(each)}</h2><p>${choiceRule(each.choice, say)}${each.choice === 'group' ? '' : html`. ${say('now', { state: each.used ? say('used') : say('notUsed') })}`}</p>
<form method="post" action="${link(frame, 'preferences')}"><input type="hidden" name="purpose" value="${each.purpose}">${each.choice === 'group' ? '' : html`<button name="said" value="yes"${each.used ? html` aria-pressed="true"` : html` aria-pressed="false"`} aria-label="${titleOf(each)}: ${say('yes')}">${say('yes')}</button>`}<button name="said" value="no"${each.state === 'withdrawn' || (!each.used && each.choice === 'consent') ? html` aria-pressed="true"` : html` aria-pressed="false"`} aria-label="${titleOf(each)}: ${say('no')}">${say('no')}</button></form></section>`;
  return pageOf(
    frame,
    say('preferences'),
    told(says),
    html`<p class="signal${gpc ? ' on' : ''}"><strong>${say('gpc')}${colon(frame)}</strong> ${gpc ? say('gpcOn') : say('gpcOff')}</p>`,
    states.length === 0 ? html`<p>${say('noChoices')}</p>` : states.map(form),
  );
} // prettier-ignore

/** What they have to know of a restriction: that it holds, since when, and that it ends. */
export function restrictedNote({ say, language }: Frame, restriction: Restricted | null): Part {
  if (restriction === null) return null;
  const { since, end, words } = restriction;
  return html`<section class="card restricted"><p><strong>${say('restricted', { date: dateIn(language, new Date(since)) })}</strong></p>${end === null ? '' : html`<p>${say('restrictedEnds', { date: dateIn(language, new Date(end.endsAt)) })}</p>`}${words === null ? '' : html`<blockquote>${words}</blockquote>`}</section>`;
} // prettier-ignore
export type Restricted = NonNullable<Awaited<ReturnType<Restrictions['of']>>>;

/** Reads that are of no field. */
const SAID_BY_THEM: Readonly<Record<string, MessageKey>> = { 'privacy.consents.read': 'preferences', 'privacy.request.read': 'requests' }; // prettier-ignore

const valueText = ({ say }: Frame, value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'boolean' ? say(value ? 'yes' : 'no') : JSON.stringify(value);

export function dataPage(frame: Frame, records: Page, files: readonly HeldFile[], texts: Texts, shown: 'masked' | 'clear', unread: number, restriction: Restricted | null, isProven: boolean): string {
  const { say, language } = frame;
  const nameOf = (collection: string, field: string): string => texts[`field.${collection}.${field}`] ?? field;
  const card = ({ id, collection, fields }: Page[number]): Html => {
    const all = Object.entries(fields);
    const hidden = all.filter(([, { value, masked }]) => value === undefined && masked === undefined).map(([name]) => nameOf(collection, name));
    return html`<section class="card"><h2>${texts[`collection.${collection}`] ?? collection}</h2><p class="actions"><a href="${link(frame, `correct/${id}`)}" aria-label="${say('correct')}: ${texts[`collection.${collection}`] ?? collection}">${say('correct')}</a></p><dl>${all.filter(([name]) => !hidden.includes(nameOf(collection, name))).map(([name, field]) => html`<dt>${nameOf(collection, name)}</dt><dd>${valueText(frame, field.value ?? field.masked ?? '')}</dd>`)}</dl>${hidden.length === 0 ? '' : html`<p class="note">${say('withheld', { fields: hidden.join(', ') })}</p>`}</section>`;
  };
  return pageOf(
    frame,
    say('myData'),
    restrictedNote(frame, restriction),
    html`<p>${say('copyHelp')}</p>`,
    // a download that is refused would be a file with a page in it
    isProven
      ?     html`<p class="actions">${shown === 'masked' ? html`<a class="button" href="/center/data?lang=${language}&show=all">${say('show')}</a>` : html`<a class="button" href="${link(frame, 'data')}">${say('hide')}</a>`} <a href="${link(frame, 'data.zip')}" download>${say('getZip')}</a> <a href="${link(frame, 'data.json')}" download>${say('getJson')}</a> <a href="${link(frame, 'data.csv')}" download>${say('getCsv')}</a></p>`
      : html`<p class="note">${say('proveWhy')}</p><p class="actions"><a class="button" href="${link(frame, 'prove')}">${say('prove')}</a></p>`,
    unread === 0 ? null : html`<p class="note">${say('unreadable', { count: unread })}</p>`,
    records.length === 0 && unread === 0 ? html`<p>${say('nothing')}</p>` : records.map(card),
    files.length === 0 ? null : html`<section class="card"><h2>${say('files')}</h2><ul>${files.map(({ name, id }) => html`<li>${name ?? id}</li>`)}</ul></section>`,
  );
} // prettier-ignore

export function seenPage(frame: Frame, entries: readonly SeenEntry[], texts: Texts, older: number | null, says: string | null): string {
  const { say, language } = frame;
  const named = (fields: readonly string[]): string => fields.map((name) => Object.entries(texts).find(([key]) => key.startsWith('field.') && key.endsWith(`.${name}`))?.[1] ?? name).join(', ');
  const where = ({ errand, role }: SeenEntry): string => {
    if (errand !== null) return ` (${say(`errand.${errand}`)})`;
    return role === null ? '' : ` (${roleIn(frame, role)})`;
  };
  const by = (entry: SeenEntry): string => {
    const { own, kind, role } = entry;
    return own || kind === 'subject' ? say('you') : kind === 'staff' ? employeeIn(frame, role) : `${say('system')}${where(entry)}`;
  };
  const did = ({ what }: SeenEntry): string => {
    const key = what.replace(/^vault\./, 'did.');
    return SAID_BY_THEM[what] === undefined ? (Object.hasOwn(en, key) ? say(key as MessageKey) : '') : `${say(SAID_BY_THEM[what])}.`;
  };
  const what = (entry: SeenEntry): string =>
    [did(entry), entry.clear.length > 0 ? say('clear', { fields: named(entry.clear) }) : '', entry.masked.length > 0 ? say('masked', { fields: named(entry.masked) }) : '', entry.outcome === 'denied' ? say('refused') : '']
      .filter((each) => each !== '')
      .join(' ');
  const when = (at: string): string => new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' }).format(new Date(at));
  return pageOf(
    frame,
    say('seen'),
    told(says),
    html`<p>${say('seenHelp')}</p>`,
    entries.length === 0 ? html`<p>${say('nothing')}</p>` : html`<ol class="seen">${entries.map((entry) => html`<li class="card"><p><strong>${when(entry.at)} UTC</strong> · ${by(entry)}</p><p>${entry.purpose === null ? '' : html`${say('whatFor')}${colon(frame)} ${texts[`purpose.${entry.purpose}`] ?? entry.purpose}. `}${what(entry)}</p><div class="actions"><a href="${link(frame, `seen/${entry.index}`)}" download aria-label="${say('proof')} ${entry.index}">${say('proof')}</a>${entry.own ? '' : html`<form method="post" action="${link(frame, 'doubt')}"><input type="hidden" name="entry" value="${entry.index}"><button class="plain" aria-label="${say('doubt')}: ${when(entry.at)}">${say('doubt')}</button></form>`}</div></li>`)}</ol>`,
    older === null ? null : html`<p><a href="/center/seen?lang=${language}&before=${older}">${say('older')}</a></p>`,
  );
} // prettier-ignore

/** Who follows the link sees a page and one form: programs that follow every link of a mail change nothing. */
export const copyLinkPage = (frame: Frame, says: string | null = null): string =>
  pageOf(
    frame,
    frame.say('copyLink'),
    wrong(says),
    html`<p>${frame.say('copyLinkHelp')}</p>
<form method="post"><label>${frame.say('copyLinkCode')}<input name="code" inputmode="numeric" autocomplete="off" required maxlength="12"></label><button>${frame.say('fetchCopy')}</button></form>`,
  ); // prettier-ignore

export const unsubscribePage = (frame: Frame, purpose: string): string =>
  pageOf(
    frame,
    frame.say('unsubscribe'),
    html`<p>${frame.say('unsubscribeIs', { purpose })}</p><form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click"><button>${frame.say('stop')}</button></form>`,
  ); // prettier-ignore
export const stoppedPage = (frame: Frame): string =>
  pageOf(frame, frame.say('done'), html`<p>${frame.say('stopped')}</p>`);
