/** A template as a mail with a link of its own. */
import { html, type Html, type Part } from '#platform/html';
import { subjectLine } from '#platform/mail';

import type { Block, Parts } from '../content/tree.ts';
import type { PhishTemplate } from './template.ts';

export type Lure = Readonly<{
  shownFrom: { name: string; address: string };
  subject: string;
  text: string;
  html: string;
}>;

/** @param name what the mail calls its reader */
export function lureOf(template: PhishTemplate, { name, link }: Readonly<{ name: string; link: string }>): Lure {
  const put = (text: string): string => text.replaceAll('{{name}}', () => name);
  const text = template.mail.blocks.map((block) => put(plainOf(block, link))).join('\n\n');
  const body = template.mail.blocks.map((block) => blockHtml(block, { link, put }));
  return {
    shownFrom: { ...template.from },
    subject: subjectLine(put(template.subject)),
    text: `${text}\n`,
    html: html`<!doctype html><html><body style="font-family:sans-serif">${body}</body></html>`.text,
  };
} // prettier-ignore

/** A link's target stands behind its words. */
function plainOf(block: Block, link: string): string {
  const of = (parts: Parts): string =>
    parts.map((part) => ('parts' in part ? `${of(part.parts)}${part.kind === 'link' ? `: ${link}` : ''}` : part.text)).join(''); // prettier-ignore
  if ('parts' in block) return of(block.parts);
  if (block.kind === 'list') return block.items.map((item) => `- ${of(item)}`).join('\n');
  if (block.kind === 'code') return block.text;
  if (block.kind === 'aside') return block.blocks.map((each) => plainOf(each, link)).join('\n\n');
  return [block.head, ...block.rows].map((row) => row.map(of).join('  ')).join('\n');
}

type Putting = Readonly<{ link: string | null; put: (text: string) => string }>;

function inlineHtml(parts: Parts, putting: Putting): Part {
  return parts.map((part): Part => {
    if (!('parts' in part)) return part.kind === 'code' ? html`<code>${putting.put(part.text)}</code>` : putting.put(part.text); // prettier-ignore
    const within = inlineHtml(part.parts, putting);
    if (part.kind === 'strong') return html`<strong>${within}</strong>`;
    if (part.kind === 'emphasis') return html`<em>${within}</em>`;
    return putting.link === null ? within : html`<a href="${putting.link}">${within}</a>`;
  });
}

/** @param putting `link` null: of a page, where nothing leads anywhere */
export function blockHtml(block: Block, putting: Putting): Html {
  const of = (parts: Parts): Part => inlineHtml(parts, putting);
  if (block.kind === 'heading') return html`<h3>${of(block.parts)}</h3>`;
  if (block.kind === 'paragraph') return html`<p>${of(block.parts)}</p>`;
  if (block.kind === 'quote') return html`<blockquote>${of(block.parts)}</blockquote>`;
  if (block.kind === 'code') return html`<pre>${block.text}</pre>`;
  if (block.kind === 'aside') return html`<div>${block.blocks.map((each) => blockHtml(each, putting))}</div>`;
  if (block.kind === 'list') {
    const items = block.items.map((item) => html`<li>${of(item)}</li>`);
    return block.ordered ? html`<ol>${items}</ol>` : html`<ul>${items}</ul>`;
  }
  const rows = [block.head, ...block.rows].map(
    (row) => html`<tr>${row.map((cell) => html`<td>${of(cell)}</td>`)}</tr>`,
  );
  return html`<table>${rows}</table>`;
}
