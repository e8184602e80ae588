/** Who saw what, newest first: equal looks that follow each other stand as one, each with its own proof inside. */
import type { SeenEntry } from '../customer/seen.ts';
import { en, type MessageKey } from '../notice/en.ts';
import type { Texts } from '../notice/facts.ts';
import { dateIn } from '../notice/languages.ts';
import { told } from './customer-pages.ts';
import { colon, employeeIn, link, pageOf, roleIn, type Frame } from './frame.ts';
import { html, type Html, type Part } from '#platform/html';

export type SeenPage = Readonly<{
  entries: readonly SeenEntry[];
  /** Index to go on before. */
  older: number | null;
  /** When a look was doubted, by its index. */
  doubted: ReadonlyMap<number, string>;
}>;
/** Reads that are of no field. */
const SAID_BY_THEM: Readonly<Record<string, MessageKey>> = { 'privacy.consents.read': 'preferences', 'privacy.request.read': 'requests' }; // prettier-ignore

/** Who it was, by their role. */
function byWhom(frame: Frame, { own, kind, role, errand }: SeenEntry): string {
  const { say } = frame;
  if (own || kind === 'subject') return say('you');
  if (kind === 'staff') return employeeIn(frame, role);
  const where = errand !== null ? say(`errand.${errand}`) : role === null ? '' : roleIn(frame, role);
  return `${say('system')}${where === '' ? '' : ` (${where})`}`;
}

function whatOf(frame: Frame, { what, clear, masked, outcome, purpose }: SeenEntry, texts: Texts): string {
  const { say } = frame;
  const named = (fields: readonly string[]): string => fields.map((name) => Object.entries(texts).find(([key]) => key.startsWith('field.') && key.endsWith(`.${name}`))?.[1] ?? name).join(', ');
  const key = what.replace(/^vault\./, 'did.');
  const did = SAID_BY_THEM[what] === undefined ? (Object.hasOwn(en, key) ? say(key as MessageKey) : '') : `${say(SAID_BY_THEM[what])}.`;
  const parts = [purpose === null ? '' : `${say('whatFor')}${colon(frame)} ${texts[`purpose.${purpose}`] ?? purpose}.`, did, clear.length > 0 ? say('clear', { fields: named(clear) }) : '', masked.length > 0 ? say('masked', { fields: named(masked) }) : '', outcome === 'denied' ? say('refused') : ''];
  return parts.filter((each) => each !== '').join(' ');
} // prettier-ignore

type Shown = Readonly<{ entry: SeenEntry; by: string; what: string }>;
/** @returns runs of what says the same on the same day */
function folded(entries: readonly Shown[]): readonly (readonly [Shown, ...Shown[]])[] {
  const runs: [Shown, ...Shown[]][] = [];
  for (const each of entries) {
    const last = runs.at(-1);
    const [first] = last ?? [];
    const same = first?.by === each.by && first.what === each.what && first.entry.at.slice(0, 10) === each.entry.at.slice(0, 10);
    if (same) last?.push(each);
    else runs.push([each]);
  }
  return runs;
} // prettier-ignore

export function seenPage(frame: Frame, { entries, older, doubted }: SeenPage, texts: Texts, says: string | null): string {
  const { say, language } = frame;
  const moment = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
  const when = ({ at }: SeenEntry): string => moment.format(new Date(at));
  const doubtOf = (entry: SeenEntry): Part => {
    if (entry.own) return null;
    const since = doubted.get(entry.index);
    if (since !== undefined) return html`<span class="note">${say('doubtedOn', { date: dateIn(language, new Date(since)) })}</span>`;
    return html`<form method="post" action="${link(frame, 'doubt')}"><input type="hidden" name="entry" value="${entry.index}"><button class="plain" aria-label="${say('doubt')}${colon(frame)} ${when(entry)}">${say('doubt')}</button></form>`;
  };
  const actions = (entry: SeenEntry): Html => html`<div class="actions"><a href="${link(frame, `seen/${entry.index}`)}" download aria-label="${say('proof')} ${entry.index}">${say('proof')}</a>${doubtOf(entry)}</div>`;
  const card = (run: readonly [Shown, ...Shown[]]): Html => {
    const [{ entry, by, what }, last] = [run[0], run.at(-1) ?? run[0]];
    const times = moment.formatRange(new Date(last.entry.at), new Date(entry.at));
    const inside = run.length === 1 ? actions(entry) : html`<details${run.some((each) => doubted.has(each.entry.index)) ? html` open` : ''}><summary>${say('times', { count: run.length })}</summary><ul class="looks">${run.map((each) => html`<li><strong>${when(each.entry)} UTC</strong>${actions(each.entry)}</li>`)}</ul></details>`;
    return html`<li class="card"><p><strong>${times} UTC</strong> · ${by}</p><p>${what}</p>${inside}</li>`;
  };
  const shown = entries.map((entry) => ({ entry, by: byWhom(frame, entry), what: whatOf(frame, entry, texts) }));
  return pageOf(
    frame,
    say('seen'),
    told(says),
    html`<p>${say('seenHelp')}</p>`,
    entries.length === 0 ? html`<p>${say('nothing')}</p>` : html`<ol class="seen">${folded(shown).map(card)}</ol>`,
    older === null ? null : html`<p><a href="/center/seen?lang=${language}&before=${older}">${say('older')}</a></p>`,
  );
} // prettier-ignore
