/**
 * `npm run docs:run`: runs every ```sh block of README.md and docs/ in order, in one new home; first the guide that one
 * begins with, which starts a server. A document that shows a command that does not work is red.
 */
import { globSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { blocksOf } from './shown/blocks.ts';
import { runBlocks } from './shown/run-blocks.ts';

const { values } = parseArgs({ options: { root: { type: 'string', default: process.cwd() } } });
const root = values.root;

const FIRST = ['docs/practices/vault.md', 'README.md'];
const paths = globSync('{README.md,docs/**/*.md}', { cwd: root }).toSorted(
  (one, other) => FIRST.indexOf(other) - FIRST.indexOf(one) || (one < other ? -1 : 1),
);
const blocks = paths.flatMap((path) => blocksOf(path, readFileSync(`${root}/${path}`, 'utf8')));
for (const block of blocks.filter((one) => one.mode === 'no-run')) {
  console.log(`- ${block.path}:${block.line} not run: ${block.reason}`);
}

const { ok, ran, failed, output } = await runBlocks(blocks, { root });
if (ran === 0) {
  console.log('✖ no document shows a command that runs');
  process.exitCode = 1;
} else if (!ok) {
  const where = failed === null ? 'after the last block' : `${failed.path}:${failed.line}\n${failed.script}`;
  console.log(`✖ ${where}\n── said:\n${output.slice(-4000)}`);
  process.exitCode = 1;
} else {
  console.log(`${ran} shown commands ran`);
}
