/** The notice as pages: the short layers first, all of it one link away. */
import { dateIn, partsIn } from '../notice/languages.ts';
import { noticeLayers } from '../notice/layers.ts';
import type { Notice } from '../notice/notices.ts';
import type { NoticeChange } from '../notice/diff.ts';
import { colon, link, pageOf, type Frame } from './frame.ts';
import { html, type Html, type Part } from '#platform/html';

const list = (items: readonly Part[]): Html => html`<ul>${items.map((each) => html`<li>${each}</li>`)}</ul>`;
const one = (items: readonly string[]): Part => (items.length === 1 ? (items[0] as string) : list(items));

type Layers = ReturnType<typeof noticeLayers>;
/** A published notice never changes: what its pages say in a language is put together once, not for each reader. */
const said = new WeakMap<Notice, Map<string, Layers>>();

function layersOf(notice: Notice, { language }: Frame): Layers {
  const there = notice.languages.includes(language) ? language : (notice.languages[0] ?? 'en');
  const known = said.get(notice) ?? new Map<string, Layers>();
  said.set(notice, known);
  const layers = known.get(there) ?? noticeLayers(notice.facts, notice.texts[there] ?? {}, there);
  known.set(there, layers);
  return layers;
}
/** A text that is not there in the reader's language is shown in another one, and says so. */
const fallback = (notice: Notice, { language, say }: Frame): Part =>
  notice.languages.includes(language) ? null : html`<p class="note">${say('fallback')}</p>`;
const version = (notice: Notice, { language, say }: Frame): Html =>
  html`<p class="note">${say('version', { hash: notice.hash.slice(0, 12), date: dateIn(language, notice.publishedAt) })}</p>`;

export function homePage(frame: Frame, notice: Notice | null, gpc: boolean): string {
  const { say } = frame;
  if (notice === null) return pageOf(frame, say('notice'), html`<p>${say('noNotice')}</p>`, signal(frame, gpc));
  const { who, card, short } = layersOf(notice, frame);
  return pageOf(
    frame,
    say('notice'),
    fallback(notice, frame),
    who.map((each) => html`<p>${each}</p>`),
    signal(frame, gpc),
    html`<h2>${say('label')}</h2><div class="cards">${card.map(({ type, linked, shared }) => html`<section class="card"><h3>${type}</h3><h4>${say('labelLinked')}</h4><p>${linked.join(', ')}</p><h4>${say('labelShared')}</h4><p>${shared.length === 0 ? say('nobody') : shared.join(', ')}</p></section>`)}</div>`,
    html`<h2>${say('short')}</h2><dl class="notice">${short.map(({ asks, answers }) => html`<dt>${asks}</dt><dd>${one(answers)}</dd>`)}</dl>`,
    html`<p><a class="button" href="${link(frame, 'notice')}">${say('full')}</a></p>`,
    version(notice, frame),
  ); // prettier-ignore
}

/** A table; on a phone each row is a card of its own, and what is said of roles keeps it a table for who listens to it. */
function fieldTable({ say, language }: Frame, fields: Layers['fields']): Html {
  const heads = [say('field'), say('class'), say('purpose'), say('keptFor'), say('recipients'), say('source')];
  const cell = (at: number, text: string): Html => html`<td role="cell" data-head="${heads[at] as string}">${text}</td>`;
  return html`<div class="wide" tabindex="0" role="region" aria-label="${say('data')}"><table role="table"><thead role="rowgroup"><tr role="row">${heads.map((each) => html`<th scope="col" role="columnheader">${each}</th>`)}</tr></thead><tbody role="rowgroup">${fields.map((each) => html`<tr role="row"><th scope="row" role="rowheader">${each.field}</th>${[each.class, each.purposes.join(', '), partsIn(language, each.kept), each.recipients.join(', ') || say('nobody'), each.source || '–'].map((text, at) => cell(at + 1, text))}</tr>`)}</tbody></table></div>`;
} // prettier-ignore

/** 11 CCR §7025(c)(6): whether the signal was processed is shown. */
const signal = (frame: Frame, gpc: boolean): Html =>
  html`<p class="signal${gpc ? ' on' : ''}"><strong>${frame.say('gpc')}${colon(frame)}</strong> ${frame.say(gpc ? 'gpcOn' : 'gpcOff')}</p>`;

export function fullPage(
  frame: Frame,
  notice: Notice,
  versions: readonly Readonly<{ hash: string; publishedAt: Date; changes: readonly NoticeChange[] }>[],
): string {
  const { say, language } = frame;
  const { who, full, purposes, fields } = layersOf(notice, frame);
  const newest = versions.toSorted((a, b) => b.publishedAt.getTime() - a.publishedAt.getTime())[0]?.hash;
  const texts = notice.texts[language] ?? notice.texts[notice.languages[0] ?? 'en'] ?? {};
  return pageOf(
    frame,
    say('fullTitle'),
    fallback(notice, frame),
    who.map((each) => html`<p>${each}</p>`),
    purposes.map(({ title, basis, data, kept, recipients }) => html`<section><h2>${title}</h2><dl class="notice"><dt>${say('basis')}</dt><dd>${basis}</dd><dt>${say('data')}</dt><dd>${data.join(', ')}</dd><dt>${say('keptFor')}</dt><dd>${one(kept)}</dd><dt>${say('recipients')}</dt><dd>${recipients.length === 0 ? say('nobody') : recipients.join(', ')}</dd></dl></section>`),
    full.map(({ title, text }) => html`<section><h2>${title}</h2>${text.map((each) => html`<p>${each}</p>`)}</section>`),
    html`<h2>${say('data')}</h2>`,
    fieldTable(frame, fields),
    html`<h2>${say('versions')}</h2><ul>${versions.map(({ hash, publishedAt, changes }) => html`<li><a href="${link(frame, `notice/${hash}`)}">${dateIn(language, publishedAt)} (${hash.slice(0, 12)})</a>${hash === newest ? html` · ${say('inForce')}` : ''}${changes.length === 0 ? '' : list(changes.map(({ says, what }) => say(says, { what: texts[what] ?? what })))}</li>`)}</ul>`,
    version(notice, frame),
  ); // prettier-ignore
}
