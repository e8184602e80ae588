/** What stands around each page: where one is, what else there is, what is on this page, what comes next. */
import { posix } from 'node:path';

import { html } from '#platform/html';

import type { Page } from './pages.ts';
import { hrefTo, type Rendered } from './render.ts';

export type Picture = Readonly<{ light: string; dark: string | null; says: string }>;

const escape = (text: string): string => html`${text}`.text;

function navigation(page: Page, pages: readonly Page[]): string {
  const groups = Map.groupBy(pages, ({ group }) => group);
  const list = (inGroup: readonly Page[]): string =>
    inGroup
      .map((each) => `<li><a href="${hrefTo(page, each)}"${each === page ? ' aria-current="page"' : ''}>${escape(each.title)}</a></li>`)
      .join('');
  return [...groups]
    .map(([group, inGroup]) => `<details${inGroup.includes(page) || group === 'Begin' || group === 'Practices' ? ' open' : ''}><summary>${escape(group)}</summary><ul>${list(inGroup)}</ul></details>`)
    .join('\n');
} // prettier-ignore

function onThisPage({ headings }: Rendered): string {
  const parts = headings.filter(({ level }) => level === 2);
  if (parts.length < 3) return '';
  return `<nav class="parts" aria-label="On this page"><p>On this page</p><ul>${parts.map(({ id, text }) => `<li><a href="#${id}">${escape(text)}</a></li>`).join('')}</ul></nav>`;
}

const beside = (page: Page, other: Page | undefined, rel: string, word: string): string =>
  other === undefined
    ? '<span></span>'
    : `<a rel="${rel}" href="${hrefTo(page, other)}"><span>${word}</span> ${escape(other.title)}</a>`;

export function framed(page: Page, rendered: Rendered, pages: readonly Page[], pictures: readonly Picture[]): string {
  const at = pages.indexOf(page);
  const up = posix.relative(posix.dirname(page.file), '.') || '.';
  const shown = pictures.map(
    ({ light, dark, says }) =>
      `<figure><picture>${dark === null ? '' : `<source media="(prefers-color-scheme: dark)" srcset="${up}/${dark}">`}<img src="${up}/${light}" alt="${escape(says)}" loading="lazy"></picture><figcaption>${escape(says)}</figcaption></figure>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self' file:; img-src 'self' file:">
<title>${escape(page.title)}${at === 0 ? '' : ' – Strongroom'}</title>
<link rel="stylesheet" href="${up}/site.css">
</head>
<body>
<a class="skip" href="#content">To the text</a>
<header><a href="${up}/index.html">Strongroom</a> <span>documents</span> <a class="all" href="#documents">All documents</a></header>
<div class="room">
<main id="content" tabindex="-1">
${rendered.html.replace('</h1>', (end) => end + onThisPage(rendered))}
${shown.length === 0 ? '' : `<section aria-label="Pictures"><h2 id="pictures">How it looks</h2>${shown.join('\n')}</section>`}
<footer>${beside(page, pages[at - 1], 'prev', 'Before:')}${beside(page, pages[at + 1], 'next', 'Next:')}</footer>
</main>
<nav class="pages" id="documents" aria-label="Documents">
${navigation(page, pages)}
</nav>
</div>
</body>
</html>
`;
} // prettier-ignore
