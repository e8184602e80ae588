/** The form on which somebody says what a record of theirs should say instead. */
import type { Texts } from '../notice/facts.ts';
import type { Correctable } from '../requests/corrections.ts';
import { theirs, wrong } from './customer-pages.ts';
import { colon, link, pageOf, type Frame } from './frame.ts';
import { html, type Html, type Part } from '#platform/html';

export type CorrectForm = Readonly<{
  record: string;
  collection: string;
  fields: ReadonlyMap<string, Correctable>;
  shown: 'masked' | 'clear';
  /** What was typed already, where it did not fit. */
  typed: Readonly<Record<string, string>>;
  wrong: readonly string[];
  says: string | null;
}>;

/** An empty field stays as it is. */
export function correctPage(frame: Frame, form: CorrectForm, texts: Texts): string {
  const { say, language } = frame;
  const { record, collection, fields, shown, typed, says } = form;
  const here = link(frame, `correct/${record}`);
  return pageOf(
    frame,
    `${say('correct')}${colon(frame)} ${theirs(frame, collection, texts)}`,
    wrong(says),
    html`<p>${say('correctHelp')}</p><p class="actions">${shown === 'masked' ? html`<a href="/center/correct/${record}?lang=${language}&show=all">${say('show')}</a>` : html`<a href="${here}">${say('hide')}</a>`}</p>`,
    html`<form method="post" action="${here}">${[...fields].map(([name, field]) => input(frame, field, { name, title: texts[`field.${collection}.${name}`] ?? field.spec.title, now: say('now', { state: field.shown }), typed: typed[name] ?? '', isWrong: form.wrong.includes(name) }))}<label>${say('words')}<textarea name="-words" rows="3" maxlength="4000">${typed['-words'] ?? ''}</textarea></label><button>${say('send')}</button></form>`,
  );
} // prettier-ignore

type Input = Readonly<{ name: string; title: string; now: string; typed: string; isWrong: boolean }>;
function input({ say }: Frame, { spec }: Correctable, { name, title, now, typed, isWrong }: Input): Html {
  const bad: Part = isWrong ? html` aria-invalid="true"` : '';
  const choices = spec.type === 'boolean' ? ['true', 'false'] : spec.values;
  const control =
    choices === null
      ? html`<input name="${name}" type="${spec.type === 'email' ? 'email' : spec.type === 'date' ? 'date' : 'text'}" autocomplete="off" maxlength="${Math.min(spec.maxLength, 4096)}" value="${typed}" aria-describedby="now-${name}"${bad}>`
      : html`<select name="${name}" aria-describedby="now-${name}"${bad}><option value=""></option>${choices.map((each) => html`<option value="${each}"${each === typed ? html` selected` : ''}>${spec.type === 'boolean' ? say(each === 'true' ? 'yes' : 'no') : each}</option>`)}</select>`;
  return html`<div class="field"><label>${title}${control}</label><p class="note" id="now-${name}">${now}</p></div>`;
} // prettier-ignore
