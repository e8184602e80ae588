/** Texts that come from people: what is read of them, what is refused, and that nothing of them costs more than its length. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { readBlocks } from './blocks.ts';
import { readDocument } from './document.ts';
import { collectFaults, faultText } from './fault.ts';
import { Id, strict } from './shapes.ts';
import { checkText, MOST_CHARACTERS } from './text.ts';
import { linksOf, wordsOf, type Block } from './tree.ts';
import Type from 'typebox';

const read = (source: string, links: 'text' | 'mail' = 'text') => {
  const { report, faults } = collectFaults();
  return { blocks: readBlocks(source, 1, { links, asides: ['note'], report }), faults };
};
const first = (source: string): Block => {
  const { blocks, faults } = read(source);
  assert.deepEqual(faults, [], source);
  return blocks[0] as Block;
};
const refused = (source: string, says: RegExp, line = 1): void => {
  const { faults } = read(source);
  assert.match(faults[0] === undefined ? 'nothing' : faultText(faults[0], 'a.md'), says, source);
  assert.equal(faults[0]?.line, line, source);
};
const SCHEMA = Type.Object({ id: Id, tags: Type.Optional(Type.Array(Type.String({ maxLength: 5 }))) }, strict);
const document = (source: string) => {
  const found = readDocument(source, SCHEMA, { links: 'text', asides: [] });
  return 'value' in found ? found.faults : found;
};

test('text becomes a tree: headings, paragraphs, lists, quotes, tables, code and asides', () => {
  assert.deepEqual(first('## What *it* is'), {
    kind: 'heading', level: 2, line: 1,
    parts: [{ kind: 'text', text: 'What ' }, { kind: 'emphasis', parts: [{ kind: 'text', text: 'it' }] }, { kind: 'text', text: ' is' }],
  }); // prettier-ignore
  assert.deepEqual(first('two\nlines'), { kind: 'paragraph', line: 1, parts: [{ kind: 'text', text: 'two lines' }] });
  const list = first('1. one\n   goes on\n2. two');
  assert.ok(list.kind === 'list' && list.ordered);
  assert.deepEqual(list.items[0], [{ kind: 'text', text: 'one goes on' }]);
  const table = first('| a | b |\n|---|---|\n| 1 | **2** |');
  assert.ok(table.kind === 'table');
  assert.equal(table.rows.length, 1);
  assert.deepEqual(first('```\n<script>\n```'), { kind: 'code', line: 1, text: '<script>' });
  const aside = first(':::note\nhello\n:::');
  assert.ok(aside.kind === 'aside' && aside.name === 'note' && aside.blocks.length === 1);
  assert.deepEqual(first('a \\* b \\< c [d] 2 < 3'), {
    kind: 'paragraph', line: 1, parts: [{ kind: 'text', text: 'a * b < c [d] 2 < 3' }],
  }); // prettier-ignore
  assert.equal(wordsOf(read('One – two, three.\n\n- four').blocks), 4);
});

test('HTML, images and links that lead astray are refused with their line', () => {
  for (const html of ['<b>x</b>', 'a <script>alert(1)</script>', '</p>', '<!-- -->', '<?php', '<img src=x onerror=y>', '**<i>x**', '- <svg/onload=x>'])
    refused(`fine\n\n${html}`, /HTML/, 3);
  refused('![a](https://a.example/b.png)', /image/);
  for (const target of ['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'data:text/html,x', 'http://a.example', '//a.example', '/console', 'vbscript:x', 'https://user:word@a.example', 'https://user@a.example', 'https://:word@a.example', 'https:a.example', ' https://a.example', 'lesson:../x', 'app:admin', 'mailto:a@b.example?subject=x', 'file:///etc/passwd', '{{link}}'])
    refused(`[x](${target})`, /leads nowhere/);
  for (const target of ['https://a.example/b', 'lesson:phishing', 'policy:access', 'app:report', 'mailto:dpo@a.example'])
    assert.equal(linksOf(read(`[x](${target})`).blocks).length, 1, target);
  assert.equal(linksOf(read('[x](https://a.example)', 'mail').blocks).length, 0, 'the mail of an exercise has the token’s link only');
}); // prettier-ignore

test('Markdown that is not taken says so: it never shows as something else', () => {
  refused('# Title', /heading of this level/);
  refused('text\n---', /not taken/, 2);
  refused('text\n===', /not taken/, 2);
  refused('* star', /not taken/);
  refused('- one\n  - nested', /not taken/, 2);
  refused('    code', /not taken/);
  refused('```\nopen', /never closes/);
  refused(':::note\nopen', /never closes/);
  refused(':::alarm\nx\n:::', /not known here/);
  refused(':::note\n:::note\nx\n:::', /never closes|within/, 2);
  refused('a ** b **c', /never closes/);
  refused('a ` b', /never closes/);
  refused('| a |\n| b |', /second line/);
  refused('| a |\n|---|\n| b | c |', /2 cells in a table of 1/, 3);
});

test('front matter is of its shape, and each fault has its line', () => {
  assert.deepEqual(document('---\nid: a\n---\nx'), []);
  const faultsOf = (source: string): string => document(source).map((each) => faultText(each, 'a')).join('\n');
  assert.match(faultsOf('x'), /a:1: the file has no front matter/);
  assert.match(faultsOf('---\nid: a\nother: 1\n---\nx'), /a:3: .*not known here: other/);
  assert.match(faultsOf('---\nid: A b\n---\nx'), /a:2: id: this is not what is expected/);
  assert.match(faultsOf('---\ntags: []\n---\nx'), /missing: id/);
  assert.match(faultsOf('---\nid: a\nid: b\n---\nx'), /a:3: not YAML: DUPLICATE_KEY/);
  assert.match(faultsOf('---\nid: &x a\ntags: [*x]\n---\nx'), /alias/);
  const laughs = ['a: &a0 [x, x, x]', ...Array.from({ length: 20 }, (_, each) => `b${each}: &a${each + 1} [*a${each}, *a${each}, *a${each}]`)]; // prettier-ignore
  assert.match(faultsOf(`---\n${laughs.join('\n')}\n---\nx`), /alias/);
  assert.match(faultsOf('---\nid: !!js/function a\n---\nx'), /not YAML/);
  for (const escape of ['\\u202e', '\\e', '\\r', '\\ud800', '\\U000E0041', '\\u061c'])
    assert.match(faultsOf(`---\nid: a\ntags: ["${escape}"]\n---\nx`), /a:3: a character that nobody sees/, escape);
  assert.match(faultsOf('---\nid: a\ntags: [ok, toolong]\n---\n\n<b>'), /a:3: tags\.1: .*\na:6: .*HTML/s);
}); // prettier-ignore

test('what nobody sees is no part of a text, and no text is without a bound', () => {
  const faultsOf = (source: string): string => {
    const { report, faults } = collectFaults();
    assert.equal(checkText(source, report) === null, faults.length > 0);
    return faults.map((each) => faultText(each, 'a')).join('\n');
  };
  assert.equal(faultsOf('fine\r\n„ü“ 日本 👍'), '');
  for (const hidden of ['\u202e', '\u200b', '\u0000', '\u2066', '\ufeff', '\t', '\u0085']) assert.match(faultsOf(`a\nb${hidden}c`), /^a:2: a character that nobody sees/); // prettier-ignore
  assert.match(faultsOf('\ud800'), /surrogate/);
  assert.match(faultsOf('x'.repeat(MOST_CHARACTERS + 1)), /at most/);
  assert.match(faultsOf('\n'.repeat(6000)), /lines/);
  assert.match(faultsOf('x'.repeat(5000)), /a line of 5000/);
});

test('hostile texts cost no more than long ones', () => {
  const began = process.threadCpuUsage();
  for (const piece of ['[', '**', '*a', '`', '![', '[](', '[a](', '\\', '<', '|', '**[', '*`'])
    read(piece.repeat(Math.floor(4000 / piece.length)));
  read(`${'| a '.repeat(999)}\n${'|---'.repeat(999)}\n${'| b '.repeat(999)}`);
  for (const piece of ['[', '{a: ', '["]",', '- ', '? ', ': '])
    assert.match(document(`---\nid: a\n${`${piece.repeat(Math.floor(3900 / piece.length))}\n`.repeat(60)}---\nx`).map(({ says }) => says).join(), /within entries/); // prettier-ignore
  assert.ok(process.threadCpuUsage(began).user < 2_000_000, 'quadratic at most, and of a bounded length');
});

test('whatever is written, a tree or faults come of it, and no link but those that are allowed', () => {
  const token = fc.constantFrom('*', '**', '`', '[', '](', ')', 'javascript:x', 'https://a.example', '<b>', '\\', ' ', '\n', '\n\n', '- ', '| ', ':::note', ':::', '## ', 'word', '!'); // prettier-ignore
  fc.assert(
    fc.property(fc.array(token, { maxLength: 40 }), (tokens) => {
      const { blocks } = read(tokens.join(''));
      for (const { to } of linksOf(blocks)) assert.ok(to.kind === 'web' && to.href === 'https://a.example/');
      assert.ok(wordsOf(blocks) <= tokens.length * 2);
    }),
    { numRuns: 300 },
  );
});
