/** A document → HTML: headings can be pointed at, and a document that is named is a link to its page. */
import { posix } from 'node:path';

import MarkdownIt from 'markdown-it';

import type { Page } from './pages.ts';

export type Heading = Readonly<{ level: number; id: string; text: string }>;
export type Rendered = Readonly<{
  html: string;
  headings: readonly Heading[];
  /** Files beside the document that it shows; the site has them in its folder of pictures. */
  images: readonly string[];
  faults: readonly string[];
}>;

const NAMED = /(?:\.\.?\/)*(?:[\w-]+\/)*[\w-]+\.md\b/g;

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-|-$/g, '');

/** The page that a document means by a name: beside itself, below docs/, or from the root. */
export function pageNamed(name: string, from: Page, pages: ReadonlyMap<string, Page>): Page | undefined {
  const tried = [posix.join(posix.dirname(from.source), name), posix.join('docs', name), name];
  return tried.map((path) => pages.get(path)).find((page) => page !== undefined);
}

export const hrefTo = (from: Page, to: Page): string => posix.relative(posix.dirname(from.file), to.file);

export function renderPage(page: Page, pages: ReadonlyMap<string, Page>): Rendered {
  // html: false: a document is text, and brings no markup of its own
  const markdown = new MarkdownIt({ html: false, linkify: false, typographer: false });
  const faults: string[] = [];
  const headings: Heading[] = [];
  const images: string[] = [];
  const escape = (text: string): string => markdown.utils.escapeHtml(text);

  /** @param text escaped already: names of documents have nothing to escape */
  const linked = (text: string): string =>
    text.replaceAll(NAMED, (name) => {
      const to = pageNamed(name, page, pages);
      return to === undefined || to === page ? name : `<a href="${hrefTo(page, to)}">${name}</a>`;
    });
  markdown.renderer.rules['text'] = (tokens, at) => {
    const inLink = tokens.slice(0, at).reduce((depth, { type }) => depth + (type === 'link_open' ? 1 : type === 'link_close' ? -1 : 0), 0) > 0;
    const text = escape(tokens[at]?.content ?? '');
    return inLink ? text : linked(text);
  }; // prettier-ignore
  markdown.renderer.rules['code_inline'] = (tokens, at) => `<code>${linked(escape(tokens[at]?.content ?? ''))}</code>`;
  // wide ones scroll by themselves, and by the keyboard
  markdown.renderer.rules['table_open'] = () =>
    '<div class="wide" tabindex="0" role="region" aria-label="table"><table>\n';
  markdown.renderer.rules['table_close'] = () => '</table></div>\n';
  markdown.renderer.rules['fence'] = (tokens, at) => {
    const language = (tokens[at]?.info ?? '').split(/\s+/)[0] ?? '';
    return `<pre tabindex="0"><code${language === '' ? '' : ` class="language-${escape(language)}"`}>${escape(tokens[at]?.content ?? '')}</code></pre>\n`;
  }; // prettier-ignore

  const tokens = markdown.parse(page.text.replaceAll(/<!-- [\s\S]*? -->\n?/g, ''), {});
  const used = new Map<string, number>();
  for (const [at, token] of tokens.entries()) {
    if (token.type === 'heading_open') {
      const text = (tokens[at + 1]?.children ?? []).map(({ content }) => content).join('');
      const base = slug(text) || 'part';
      const times = used.get(base) ?? 0;
      used.set(base, times + 1);
      const id = times === 0 ? base : `${base}-${times}`;
      token.attrSet('id', id);
      headings.push({ level: Number(token.tag.slice(1)), id, text });
    }
    for (const child of token.children ?? []) {
      if (child.type === 'image') {
        const source = posix.join(posix.dirname(page.source), String(child.attrGet('src') ?? ''));
        images.push(source);
        child.attrSet('src', posix.relative(posix.dirname(page.file), `pictures/${posix.basename(source)}`));
      }
      if (child.type !== 'link_open') continue;
      const href = String(child.attrGet('href') ?? '');
      if (/^[a-z]+:/.test(href) || href.startsWith('#')) continue;
      const [name = '', anchor] = href.split('#');
      const to = pageNamed(name, page, pages);
      if (to === undefined) faults.push(`${page.source} links to ${href}, which is no page`);
      else child.attrSet('href', hrefTo(page, to) + (anchor === undefined ? '' : `#${anchor}`));
    }
  }
  return { html: markdown.renderer.render(tokens, markdown.options, {}), headings, images, faults };
}
