/**
 * The tree that a lesson is, as a page for elsewhere. What leads to a place of this installation (another lesson, a policy, the
 * console) is its words alone: there is no such place where the package goes.
 */
import { html, type Html, type Part } from '#platform/html';

import { plainText, type Block, type Inline, type Parts } from '../content/tree.ts';
import type { Choice } from '../lessons/lesson.ts';
import type { PackageWords } from './words.ts';

type Around = Readonly<{ words: PackageWords; choices: readonly Choice[] }>;

export const blocksHtml = (blocks: readonly Block[], around: Around): Part =>
  blocks.map((block) => blockHtml(block, around));

function blockHtml(block: Block, around: Around): Part {
  if (block.kind === 'heading') return html`<h3>${parts(block.parts)}</h3>`;
  if (block.kind === 'paragraph') return html`<p>${parts(block.parts)}</p>`;
  if (block.kind === 'quote') return html`<blockquote><p>${parts(block.parts)}</p></blockquote>`;
  // a reader without a mouse moves it by its keys
  if (block.kind === 'code') return html`<pre tabindex="0"><code>${block.text}</code></pre>`;
  if (block.kind === 'list') {
    const items = block.items.map((item) => html`<li>${parts(item)}</li>`);
    return block.ordered ? html`<ol>${items}</ol>` : html`<ul>${items}</ul>`;
  }
  if (block.kind === 'table') {
    const label = block.head.map(plainText).join(', ');
    const rows = block.rows.map((row) => html`<tr>${row.map((cell) => html`<td>${parts(cell)}</td>`)}</tr>`);
    return html`<div class="wide" tabindex="0" role="region" aria-label="${label}"><table><thead><tr>${block.head.map((cell) => html`<th scope="col">${parts(cell)}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>`;
  }
  return asideHtml(block, around);
} // prettier-ignore

function asideHtml(aside: Block & { kind: 'aside' }, around: Around): Part {
  // it is done on the system itself, and graded by its log
  if (aside.name === 'exercise') return null;
  const choice = aside.name === 'choice' ? around.choices.find(({ line }) => line === aside.line) : undefined;
  if (choice !== undefined) return choiceHtml(choice, around.words);
  const title = aside.name === 'scenario' ? html`<strong>${around.words.scenario}</strong>` : null;
  return html`<div class="aside">${title}${blocksHtml(aside.blocks, around)}</div>`;
}

/** Opened, an answer says what comes of it: without script, and it counts for nothing. */
function choiceHtml({ asks, options }: Choice, words: PackageWords): Html {
  const answers = options.map(
    ({ says, right, because }) => html`<details><summary>${says}</summary><p><strong>${right ? words.yes : words.rather}.</strong> ${because}</p></details>`,
  ); // prettier-ignore
  return html`<div class="aside choice" role="group" aria-label="${asks}"><p><strong>${asks}</strong></p>${answers}</div>`;
}

const parts = (all: Parts): readonly Part[] => all.map(inline);

function inline(part: Inline): Part {
  if (!('parts' in part)) return part.kind === 'code' ? html`<code>${part.text}</code>` : part.text;
  const within = parts(part.parts);
  if (part.kind !== 'link') return part.kind === 'strong' ? html`<strong>${within}</strong>` : html`<em>${within}</em>`;
  if (part.to.kind === 'web') return html`<a href="${part.to.href}" target="_blank" rel="noreferrer noopener">${within}</a>`;
  return part.to.kind === 'mail' ? html`<a href="mailto:${part.to.address}">${within}</a>` : within;
} // prettier-ignore
