/** What every page of the center has around it. */
import { en, type MessageKey } from '../notice/en.ts';
import { LANGUAGES, MESSAGES, sayIn, type Language, type Say } from '../notice/languages.ts';
import { html, type Html, type Part } from '#platform/html';

export type Frame = Readonly<{
  language: Language;
  say: Say;
  /** Path below /center/, without language. */
  here: string;
  signedIn: boolean;
}>;

export const frameFor = (language: Language, here: string, signedIn: boolean): Frame => ({
  language,
  say: sayIn(language),
  here,
  signedIn,
});

/** Keeps the language in every link, since a cookie for it would be one more thing to explain. */
export const link = ({ language }: Frame, to: string): string => `/center/${to}?lang=${language}`;

/** What stands before a colon stands apart from it in French. */
export const colon = ({ language }: Frame): string => (language === 'fr' ? '\u{a0}:' : ':');
/** A role as a customer knows what it does; of a role that the company has made, its name. */
export const roleIn = ({ say }: Frame, role: string): string =>
  Object.hasOwn(en, `role.${role}`) ? say(`role.${role}` as MessageKey) : role.replaceAll(/[-_]/g, ' ');
/** Somebody of the staff: their role, and never who it is (CJEU C-579/21). */
export const employeeIn = (frame: Frame, role: string | null): string =>
  `${frame.say('employee')}${role === null || role === '' ? '' : ` (${roleIn(frame, role)})`}`;

export function pageOf(frame: Frame, title: string, ...body: readonly Part[]): string {
  const { language, say, here, signedIn } = frame;
  const places: readonly (readonly [string, string])[] = [
    ['', say('home')],
    ...(signedIn
      ? ([['preferences', say('preferences')], ['data', say('myData')], ['seen', say('seen')], ['requests', say('requests')]] as const)
      : ([['sign-in', say('signIn')]] as const)),
  ]; // prettier-ignore
  const page: Html = html`<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title} · ${say('center')}</title><link rel="stylesheet" href="/center/assets/center.css"></head>
<body><a class="skip" href="#content">${say('skip')}</a>
<header><p class="brand">${say('center')}</p>
${signedIn ? html`<form method="post" action="${link(frame, 'sign-out')}"><button class="plain">${say('signOut')}</button></form>` : ''}
<nav aria-label="${say('center')}"><ul>${places.map(([to, name]) => html`<li><a href="${link(frame, to)}"${to === here ? html` aria-current="page"` : ''}>${name}</a></li>`)}</ul></nav></header>
<main id="content"><h1>${title}</h1>${body}</main>
<footer><ul>${LANGUAGES.map((each) => html`<li><a href="/center/${here}?lang=${each}" lang="${each}" hreflang="${each}"${each === language ? html` aria-current="true"` : ''}>${MESSAGES[each].language}</a></li>`)}</ul></footer>
</body></html>`; // prettier-ignore
  return `<!doctype html>\n${page.text}`;
}
