/** Texts of drills: what they may hold, and what is said about a faulty one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readShelf } from '../starters/shelf.ts';
import { readDrill, truthOf } from './drill.ts';

const { shelf, faults } = readShelf();
const sourceOf = (change: (lines: string) => string): string =>
  change(`id: small
version: 1
locale: en
title: Small
kind: other
audience: [everyone]
minutes: 10
pace: 60
validityDays: 90
passes: 0.7
clocks: [gdpr-33]
aware: first
actors: {thief: {as: key, says: a key}}
times: {seen: -10}
story: Something happens.
debrief: It is over.
injects:
  - {id: first, minute: 0, from: A, says: "by {actor.thief} since {time.seen}", decide: {asks: What?, within: 2, clock: gdpr-33, options: [{says: this, right: true, because: so}, {says: that, because: not}]}}
  - {id: second, minute: 5, from: B, says: More.}
breach:
  minute: 2
  asks: Whom?
  within: 5
  customers: 9
  lines:
    - {actor: thief, at: -5, action: vault.read, customers: [2, 4], clear: [phone], classes: [personal], leaked: true}
    - {actor: thief, at: -50, action: vault.read, customers: [6, 9], clear: [phone], classes: [personal]}
`);

test('the drills that are shipped are read, four at least, each with timed injects, decisions and a debrief', () => {
  assert.deepEqual(faults, []);
  assert.ok(shelf.drills.length >= 4, String(shelf.drills.length));
  for (const { id, injects, debrief } of shelf.drills) {
    assert.ok(injects.length >= 4 && injects.length <= 6, id);
    assert.ok(injects.filter(({ decide }) => decide !== undefined).length >= 4, id);
    assert.ok(debrief.length > 200, id);
  }
  assert.ok(shelf.drills.filter(({ breach }) => breach !== undefined).length >= 2);
});

test('who was concerned follows from the lines that are marked, each once', () => {
  const drill = readDrill(sourceOf((all) => all));

  assert.ok(drill.ok, JSON.stringify(drill));
  assert.deepEqual([...truthOf(drill.value.breach as NonNullable<typeof drill.value.breach>)], [2, 3, 4]);
});

test('a faulty drill is refused with what is wrong: each of these, and none of them is shown as something else', () => {
  const refused: readonly (readonly [RegExp, (all: string) => string])[] = [
    [/when the drill is over/, (all) => all.replace('minute: 5,', 'minute: 10,')],
    [/comes before the one above/, (all) => all.replace('{id: first, minute: 0,', '{id: first, minute: 6,')],
    [/nothing happens at the beginning/, (all) => all.replace('{id: first, minute: 0,', '{id: first, minute: 1,')],
    [/two injects/, (all) => all.replace('id: second', 'id: first')],
    [/not one right answer/, (all) => all.replace(', right: true', '')],
    [/does not run in it/, (all) => all.replace('clocks: [gdpr-33]', 'clocks: [gdpr-34]')],
    [/from when the clocks run/, (all) => all.replace('aware: first', 'aware: third')],
    [/nothing is called \{actor.thiefs\}/, (all) => all.replace('{actor.thief}', '{actor.thiefs}')],
    [/nothing is called \{time.gone\}/, (all) => all.replace('{time.seen}', '{time.gone}')],
    [/no actor nobody/, (all) => all.replace('actor: thief, at: -50', 'actor: nobody, at: -50')],
    [/no data leaves/, (all) => all.replace('action: vault.read, customers: [6', 'action: vault.write, customers: [6')],
    [/no customers 6 to 10/, (all) => all.replace('[6, 9]', '[6, 10]')],
    [/nothing has leaked/, (all) => all.replace(', leaked: true', '')],
  ];

  for (const [says, change] of refused) {
    const read = readDrill(sourceOf(change));
    assert.equal(read.ok, false, String(says));
    assert.match(JSON.stringify((read as { faults: unknown }).faults), says);
  }
});
