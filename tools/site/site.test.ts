import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';

import { buildSite } from './build-site.ts';
import { readPages, type Page } from './pages.ts';
import { renderPage } from './render.ts';

const pageOf = (source: string, text: string): Page => ({ source, file: source.replace('docs/', '').replace('.md', '.html'), title: source, group: 'x', text }); // prettier-ignore
const render = (text: string, others: readonly Page[] = []) => {
  const page = pageOf('docs/practices/one.md', text);
  return renderPage(page, new Map([page, ...others].map((each) => [each.source, each])));
};

test('every document is a page, and every link of every page leads somewhere', async (t) => {
  const root = process.cwd();
  const out = await mkdtemp(join(tmpdir(), 'sr-site-'));
  t.after(() => rm(out, { recursive: true, force: true }));

  const { pages, faults } = await buildSite(root, relative(root, out));

  assert.deepEqual(faults, []);
  const documents = globSync('docs/**/*.md', { cwd: root }).filter((path) => path !== 'docs/README.md');
  const files = globSync('**/*.html', { cwd: out });
  assert.equal(files.length, pages);
  const sources = new Set((await readPages(root)).map(({ source }) => source));
  assert.deepEqual(documents.filter((path) => !sources.has(path)), []); // prettier-ignore
  const texts = new Map(files.map((file) => [file, readFileSync(join(out, file), 'utf8')]));
  for (const [file, text] of texts) {
    for (const [, src = ''] of text.matchAll(/<img [^>]*src="([^"]+)"/g))
      assert.ok(existsSync(join(out, dirname(file), src)), `${file} shows ${src}`);
    assert.ok(!/<script|\son\w+=|src="https?:|href="https?:[^"]*\.css/.test(text), `${file} runs or fetches something`);
    for (const [, href = ''] of text.matchAll(/<a [^>]*href="([^"]+)"/g)) {
      if (/^[a-z]+:/.test(href)) continue;
      const [path = '', anchor] = href.split('#');
      const to = path === '' ? file : join(dirname(file), path);
      assert.ok(texts.has(to), `${file} leads to ${href}`);
      if (anchor !== undefined) assert.ok(texts.get(to)?.includes(`id="${anchor}"`), `${file}: no ${href}`);
    }
  }
});

test('a folder that holds something else is not emptied', async (t) => {
  const out = await mkdtemp(join(tmpdir(), 'sr-site-'));
  t.after(() => rm(out, { recursive: true, force: true }));
  await writeFile(join(out, 'mine.txt'), 'x');
  await assert.rejects(buildSite(process.cwd(), out), /holds something else/);
  assert.equal(readFileSync(join(out, 'mine.txt'), 'utf8'), 'x');
});

test('a document that is named is a link to its page; one that is linked and not there is a fault', () => {
  const other = pageOf('docs/formats/two.md', '# Two');
  assert.match(render('see formats/two.md and `../formats/two.md`', [other]).html, /<a href="..\/formats\/two.html">formats\/two.md<\/a> and <code><a /);
  assert.ok(!render('see formats/none.md').html.includes('<a'));
  assert.match(render('![a plot](a.svg)').html, /<img src="..\/pictures\/a.svg" alt="a plot">/);
  assert.deepEqual(render('![a plot](a.svg)').images, ['docs/practices/a.svg']);
  assert.deepEqual(render('[gone](none.md)').faults, ['docs/practices/one.md links to none.md, which is no page']);
}); // prettier-ignore

test('a document brings no markup of its own, and headings of the same words have addresses of their own', () => {
  const { html, headings } = render('# A\n\n<script>alert(1)</script> <img src=x onerror=y>\n\n[x](javascript:alert(1))\n\n## B\n\n## B\n\n```sh "><b>\na\n```');
  assert.ok(!/<script|<img|href="javascript/.test(html), html);
  assert.ok(!html.includes('<b>'), html);
  assert.deepEqual(headings.map(({ id }) => id), ['a', 'b', 'b-1']);
}); // prettier-ignore
