/** Pages for who is signed in, or is about to be. Every one of them is a page and plain forms. */
import type { HeldFile, Page } from '../customer/my-data.ts';
import type { Texts } from '../notice/facts.ts';
import { dateIn } from '../notice/languages.ts';
import type { Restrictions } from '../requests/restrictions.ts';
import { CODE_MINUTES } from '../store/customers.ts';
import { colon, link, pageOf, type Frame } from './frame.ts';
import { html, type Html, type Part } from '#platform/html';

export const told = (says: string | null): Part =>
  says === null ? null : html`<p class="told" role="status">${says}</p>`;
/** What did not go as somebody wanted. */
export const wrong = (says: string | null): Part =>
  says === null ? null : html`<p class="told wrong" role="alert">${says}</p>`;

/** For who is signed in, and did something too often. */
export const slowPage = (frame: Frame): string => pageOf(frame, frame.say('center'), wrong(frame.say('slow')));

/** What was asked for is not there, or could not be done now. */
export const failedPage = (frame: Frame, why: 'notHere' | 'notNow'): string =>
  pageOf(frame, frame.say('center'), wrong(frame.say(why)));

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
<p><a href="${link(frame, 'sign-in')}">${frame.say('sendAnother')}</a></p>`,
  ); // prettier-ignore

/** What they have to know of a restriction: that it holds, since when, and that it ends. */
export function restrictedNote({ say, language }: Frame, restriction: Restricted | null): Part {
  if (restriction === null) return null;
  const { since, end, words } = restriction;
  return html`<section class="card restricted"><p><strong>${say('restricted', { date: dateIn(language, new Date(since)) })}</strong></p>${end === null ? '' : html`<p>${say('restrictedEnds', { date: dateIn(language, new Date(end.endsAt)) })}</p>`}${words === null ? '' : html`<blockquote>${words}</blockquote>`}</section>`;
} // prettier-ignore
export type Restricted = NonNullable<Awaited<ReturnType<Restrictions['of']>>>;

/** The collection of who they are is named for the company's eyes, Customers: it is their record. */
export const theirs = ({ say }: Frame, collection: string, texts: Texts): string =>
  collection === 'customer' ? say('yourRecord') : (texts[`collection.${collection}`] ?? collection);

const valueText = ({ say }: Frame, value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'boolean' ? say(value ? 'yes' : 'no') : JSON.stringify(value);

export function dataPage(frame: Frame, records: Page, files: readonly HeldFile[], texts: Texts, shown: 'masked' | 'clear', unread: number, restriction: Restricted | null, isProven: boolean): string {
  const { say, language } = frame;
  const nameOf = (collection: string, field: string): string => texts[`field.${collection}.${field}`] ?? field;
  const card = ({ id, collection, fields }: Page[number]): Html => {
    const all = Object.entries(fields);
    const hidden = all.filter(([, { value, masked }]) => value === undefined && masked === undefined).map(([name]) => nameOf(collection, name));
    const title = theirs(frame, collection, texts);
    return html`<section class="card"><h2>${title}</h2><p class="actions"><a href="${link(frame, `correct/${id}`)}" aria-label="${say('correct')}${colon(frame)} ${title}">${say('correct')}</a></p><dl>${all.filter(([name]) => !hidden.includes(nameOf(collection, name))).map(([name, field]) => html`<dt>${nameOf(collection, name)}</dt><dd>${valueText(frame, field.value ?? field.masked ?? '')}</dd>`)}</dl>${hidden.length === 0 ? '' : html`<p class="note">${say('withheld', { fields: hidden.join(', ') })}</p>`}</section>`;
  };
  return pageOf(
    frame,
    say('myData'),
    restrictedNote(frame, restriction),
    html`<p>${say('copyHelp')}</p>`,
    // a download that is refused would be a file with a page in it
    isProven
      ?     html`<p class="actions">${shown === 'masked' ? html`<a class="button" href="/center/data?lang=${language}&show=all">${say('show')}</a>` : html`<a class="button" href="${link(frame, 'data')}">${say('hide')}</a>`}</p><p class="actions"><a href="${link(frame, 'data.zip')}" download>${say('getZip')}</a> <a href="${link(frame, 'data.json')}" download>${say('getJson')}</a> <a href="${link(frame, 'data.csv')}" download>${say('getCsv')}</a></p>`
      : html`<p class="note">${say('proveWhy')}</p><p class="actions"><a class="button" href="${link(frame, 'prove')}">${say('prove')}</a></p>`,
    unread === 0 ? null : html`<p class="note">${say('unreadable', { count: unread })}</p>`,
    records.length === 0 && unread === 0 ? html`<p>${say('nothing')}</p>` : records.map(card),
    files.length === 0 ? null : html`<section class="card"><h2>${say('files')}</h2><ul>${files.map(({ name, id }) => html`<li>${name ?? id}</li>`)}</ul></section>`,
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
