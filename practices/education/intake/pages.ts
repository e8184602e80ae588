/** The pages for who gives no name, as functions: they work without script, and each says whom to call instead. */
import { html, type Html, type Part } from '#platform/html';
import { findPhoneNumbersInText } from 'libphonenumber-js/min';

import { REPORT_KINDS, type ReportKind } from '../store/intake.ts';
import { LANGUAGES, MESSAGES, sayIn, type Language, type MessageKey, type Say } from './words/languages.ts';
import type { Seen } from './reporters.ts';
import { MOST, WHEN } from './said.ts';

export type Page = Readonly<{ language: Language; say: Say; /** Below /tell/, without language. */ here: string; company: string | null; call: string | null }>; // prettier-ignore
export type Form = Readonly<Record<string, string>>;

export const pageFor = (language: Language, here: string, about: Pick<Page, 'company' | 'call'>): Page => ({
  ...about,
  language,
  here,
  say: sayIn(language),
});

const to = ({ language }: Page, where: string): string => `/tell/${where}?lang=${language}`;
const wrong = (says: string): Html => html`<p class="told wrong" role="alert">${says}</p>`;
/** Numbers in international form, as they stand among other words: a telephone dials them. RFC 3966, section 5.1.4. */
function dialled(says: string): Html {
  const parts: Html[] = [];
  let from = 0;
  for (const { number, startsAt, endsAt } of findPhoneNumbersInText(says)) {
    parts.push(html`${says.slice(from, startsAt)}<a href="${number.getURI()}">${says.slice(startsAt, endsAt)}</a>`);
    from = endsAt;
  }
  return html`${parts}${says.slice(from)}`;
}
const callLine = ({ say, call }: Page): Html =>
  html`<p><strong>${call === null ? say('callSomebody') : dialled(say('callInstead', { call }))}</strong></p>`;

function frame(page: Page, title: string, ...body: readonly Part[]): string {
  const { language, say, here, company } = page;
  const text = html`<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex"><title>${title} · ${say('title')}</title><link rel="stylesheet" href="/tell/assets/page.css"></head>
<body><a class="skip" href="#content">${say('skip')}</a>
<header><p class="brand">${company === null ? say('title') : `${company}: ${say('title')}`}</p></header>
<main id="content"><h1>${title}</h1>${body}</main>
<footer><ul>${LANGUAGES.map((each) => html`<li><a href="/tell/${here}?lang=${each}" lang="${each}" hreflang="${each}"${each === language ? html` aria-current="true"` : ''}>${MESSAGES[each].language}</a></li>`)}</ul></footer>
</body></html>`; // prettier-ignore
  return `<!doctype html>\n${text.text}`;
}

/** @param fault what kept it from being taken: what was written stands in it again */
export function formPage(page: Page, token: string, written: Form = {}, fault: MessageKey | null = null): string {
  const { say, call } = page;
  const kinds = REPORT_KINDS.map(
    (kind) => html`<label class="pick card"><input type="radio" name="kind" value="${kind}" required${written.kind === kind ? html` checked` : ''}>${say(`kind.${kind}`)}</label>`,
  ); // prettier-ignore
  const times = WHEN.map(
    (when) => html`<option value="${when}"${written.when === when ? html` selected` : ''}>${say(`when.${when}`)}</option>`,
  ); // prettier-ignore
  return frame(
    page,
    say('formTitle'),
    fault !== null && wrong(say(fault)),
    (fault === 'full' || fault === 'slow') && callLine(page),
    html`<p>${say('lead')}</p>${call === null ? '' : html`<p>${dialled(say('urgent', { call }))}</p>`}
<form method="post" action="${to(page, page.here)}" autocomplete="off"><input type="hidden" name="form" value="${token}">
<fieldset><legend>${say('what')}</legend>${kinds}</fieldset>
<label>${say('when')}<select name="when">${times}</select></label>
<label>${say('words')}<textarea name="words" rows="4" maxlength="${MOST.words}" aria-describedby="words-help">${written.words ?? ''}</textarea></label><p class="note" id="words-help">${say('wordsHelp', { most: MOST.words })}</p>
<details${(written.reach ?? '') === '' ? '' : html` open`}><summary>${say('reach')}</summary><label>${say('reach')}<input name="reach" maxlength="${MOST.reach}" value="${written.reach ?? ''}" aria-describedby="reach-help"></label><p class="note" id="reach-help">${say('reachHelp')}</p></details>
<button>${say('send')}</button></form>
<p class="actions"><a href="${to(page, 'number')}">${say('hasNumber')}</a></p>
<details><summary>${say('keptTitle')}</summary><p>${say('kept')}</p><p>${say('goes')}</p></details>`,
  ); // prettier-ignore
}

export function deadPage(page: Page, written: Form = {}): string {
  const { say } = page;
  const words = [written.words, written.reach].filter((each) => each !== undefined && each !== '').join('\n\n');
  return frame(
    page,
    say('dead'),
    html`<p>${say('deadHelp')}</p>`,
    callLine(page),
    words !== '' && html`<h2>${say('yourWords')}</h2><blockquote class="kept">${words}</blockquote>`,
    html`<p class="actions"><a href="${to(page, 'number')}">${say('hasNumber')}</a></p>`,
  );
}

export function thanksPage(page: Page, { receipt, kind, again }: Readonly<{ receipt: string; kind: ReportKind; again: boolean }>): string {
  const { say } = page;
  return frame(
    page,
    again ? say('again') : say(kind === 'clicked' ? 'thanksClicked' : 'thanks'),
    again && html`<p>${say('againHelp')}</p>`,
    html`<section aria-labelledby="number"><h2 id="number">${say('number')}</h2><p class="told receipt"><strong>${receipt}</strong></p><p>${say('numberHelp')}</p>
<form method="post" action="${to(page, 'number')}"><input type="hidden" name="receipt" value="${receipt}"><button>${say('follow')}</button></form></section>
<section aria-labelledby="now"><h2 id="now">${say('nowTitle')}</h2><p>${say(`now.${kind}`)}</p></section>`,
    callLine(page),
  );
} // prettier-ignore

const numberField = ({ say }: Page, value = ''): Html =>
  html`<label>${say('numberAsk')}<input name="receipt" required maxlength="100" value="${value}" autocapitalize="characters" spellcheck="false" aria-describedby="number-help"></label><p class="note" id="number-help">${say('numberAskHelp')}</p>`; // prettier-ignore
const answerField = ({ say }: Page, text: string): Html =>
  html`<label>${say('answer')}<textarea name="text" rows="4" required maxlength="${MOST.reply}">${text}</textarea></label><button>${say('sendAnswer')}</button>`; // prettier-ignore

export function numberPage(page: Page, fault: MessageKey | null = null): string {
  const { say } = page;
  return frame(
    page,
    say('numberTitle'),
    fault !== null && wrong(say(fault)),
    html`<form method="post" action="${to(page, 'number')}" autocomplete="off">${numberField(page)}<button>${say('look')}</button></form>`,
  ); // prettier-ignore
}

/** An answer that was not looked at: what was written stands in it again. It says nothing of the report. */
export const unsentPage = (page: Page, { receipt = '', once = '', text = '' }: Form, fault: MessageKey): string =>
  frame(
    page,
    page.say('numberTitle'),
    wrong(page.say(fault)),
    html`<form method="post" action="${to(page, 'answer')}" autocomplete="off">${numberField(page, receipt)}<input type="hidden" name="once" value="${once}">${answerField(page, text)}</form>`,
  ); // prettier-ignore

export type Told = Readonly<{ says: 'taken' | 'again' | 'empty' | 'long' | 'closed' | 'enough'; text: string }>;

/** @param once of the form that answers */
export function seenPage(page: Page, seen: Seen, { receipt, once, told = null }: Readonly<{ receipt: string; once: string; told?: Told | null }>): string {
  const { say, language } = page;
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' });
  const isTaken = told?.says === 'taken' || told?.says === 'again';
  const says = told === null ? null : say(`answer.${told.says}`, { most: MOST.reply });
  const kept = told === null || isTaken ? '' : told.text;
  return frame(
    page,
    say('numberTitle'),
    says !== null && (isTaken ? html`<p class="told" role="status">${says}</p>` : wrong(says)),
    html`<h2>${say('state')}</h2><p><strong>${say(`state.${seen.state}`)}</strong> ${say('receivedOn', { date: date.format(seen.receivedAt) })}</p>`,
    seen.turn === 'reporter' && html`<p class="told">${say('waits')}</p>`,
    seen.said.length > 0 &&
      html`<h2>${say('asked')}</h2><ol class="talk">${seen.said.map(({ at, text }) => html`<li><p class="note">${date.format(at)}</p><blockquote class="kept" dir="auto">${text ?? say('gone')}</blockquote></li>`)}</ol>`,
    html`<p class="note">${say('notShown')}${seen.answered > 0 ? ` ${say('answered', { count: seen.answered })}` : ''}</p>`,
    seen.state === 'closed'
      ? kept !== '' && html`<h2>${say('yourWords')}</h2><blockquote class="kept">${kept}</blockquote>`
      : html`<form method="post" action="${to(page, 'answer')}" autocomplete="off"><input type="hidden" name="receipt" value="${receipt}"><input type="hidden" name="once" value="${once}">${answerField(page, kept)}</form>`,
  );
} // prettier-ignore

/** What was refused before it was looked at. */
export const refusedPage = (page: Page, fault: 'wrongPage' | 'tooLarge'): string =>
  frame(page, page.say(fault), callLine(page), html`<p class="actions"><a href="${to(page, page.here)}">${page.say('back')}</a></p>`); // prettier-ignore
