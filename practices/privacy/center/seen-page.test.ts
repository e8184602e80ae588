// kind: unit
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { SeenEntry } from '../customer/seen.ts';
import { frameFor } from './frame.ts';
import { seenPage } from './seen-page.ts';

const look = (index: number, more: Partial<SeenEntry> = {}): SeenEntry => ({
  index, at: `2026-11-27T13:${String(index).padStart(2, '0')}:00.000Z`, what: 'vault.look', role: 'support', kind: 'staff',
  own: false, errand: null, purpose: null, clear: [], masked: ['city'], outcome: 'done', ...more,
}); // prettier-ignore
const pageOf = (entries: readonly SeenEntry[], doubted: ReadonlyMap<number, string> = new Map()): string =>
  seenPage(frameFor('en', 'seen', true), { entries, older: null, doubted }, {}, null);
const cards = (page: string): number => page.split('<li class="card">').length - 1;

test('equal looks that follow each other are one card with the proof of each; what differs stands alone', () => {
  const page = pageOf([look(9), look(8), look(7), look(6, { clear: ['city'] }), look(5, { outcome: 'denied' }), look(4)]); // prettier-ignore

  assert.equal(cards(page), 4);
  assert.ok(page.includes('3 times'));
  for (const index of [4, 5, 6, 7, 8, 9]) assert.ok(page.includes(`/center/seen/${index}?`), `proof of ${index}`);
});

test('equal looks of two days are two cards', () => {
  assert.equal(cards(pageOf([look(9), look(8, { at: '2026-11-26T13:08:00.000Z' })])), 2);
});

test('a look that was doubted says when, and is not doubted again', () => {
  const page = pageOf([look(9), look(8)], new Map([[8, '2026-11-28T10:00:00.000Z']]));

  assert.ok(page.includes('You doubted this on November 28, 2026.'));
  assert.ok(page.includes('name="entry" value="9"') && !page.includes('name="entry" value="8"'));
  assert.ok(page.includes('<details open'), 'and is in sight');
});
