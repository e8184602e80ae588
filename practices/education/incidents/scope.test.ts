/** What a scope says of entries that say little: nothing is dropped in silence. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';

import { uuidText } from '#platform/ids';

import { findScope, totalsOf, type Criteria, type ScopeNeeds } from './scope.ts';
import { sayUnknown } from './scopes.ts';

const KEY = 'key_00000000000000000000000001';
const DAY = Date.parse('2026-05-10T00:00:00Z');
const MINUTE = 60_000;
const name = (n: number): string => Buffer.alloc(16, n).toString('base64url');
type Line = Readonly<Record<string, unknown>>;
const line = (minute: number, more: Line = {}): Line => ({
  ts: new Date(DAY + minute * MINUTE).toISOString(), action: 'vault.read', actor: { kind: 'staff', id: KEY }, outcome: 'done',
  subjects: [name(1)], classes: ['personal'], detail: { collections: ['customer'], records: 1, clear: ['email'], masked: [] }, ...more,
}); // prettier-ignore
const CLASSES: Readonly<Record<string, string>> = { email: 'personal', iban: 'special' };

const needs = (lines: readonly Line[], more: Partial<ScopeNeeds> = {}): ScopeNeeds => ({
  log: {
    size: () => Promise.resolve(lines.length),
    read: (from: number, to: number) => Promise.resolve(lines.slice(from, to).map((each, at) => ({ index: from + at, bytes: Buffer.from(JSON.stringify(each)) }))),
    status: () => Promise.resolve({ tampered: false, publishedSize: lines.length }),
  } as never,
  batchesOf: () => Promise.resolve(new Map()),
  classOf: (_collection, field) => CLASSES[field] ?? null,
  unlogged: () => Promise.resolve(0),
  keysOf: () => Promise.resolve({ own: [], services: [] }),
  madeUp: () => Promise.resolve(new Set()),
  clock: () => new Date(DAY + 10_000 * MINUTE),
  ...more,
}); // prettier-ignore
const criteria = (more: Partial<Criteria> = {}): Criteria => ({
  actors: [KEY], grants: [], requests: [], from: new Date(DAY), to: new Date(DAY + 100 * MINUTE), ...more,
}); // prettier-ignore

test('an entry that names nobody and counts nobody is said; only what says itself that it was of no record is left out', async () => {
  const without = line(1, { subjects: undefined });
  const found = await findScope(needs([without, line(2, { subjects: undefined, detail: { records: 0 } }), line(3)]), criteria());
  assert.deepEqual([found.unknown.uncounted, found.entries, totalsOf(found).subjects], [[0], [0, 2], 1]);
  assert.match(sayUnknown(found.unknown)[0] as string, /1 entries do not say of how many/);
  const hash = createHash('sha256').update('x').digest('base64url');
  const crowd = await findScope(needs([line(1, { subjects: undefined, subjectSet: { count: 30, hash } })]), criteria());
  assert.deepEqual([crowd.unknown.uncounted, crowd.unknown.unnamed], [[], { entries: [0], subjectsAtMost: 30 }]);
}); // prettier-ignore

test('who or what stands in no entry of that time is said, so that a slip of the pen is no clean answer', async () => {
  const [grant, request] = ['grt_00000000000000000000000001', '00000000-0000-7000-8000-000000000001'];
  const lines = [line(1, { action: 'vault.write', requestId: request }), line(200, { decision: { grants: [grant] } })];
  const { unknown } = await findScope(needs(lines), criteria({ actors: [KEY, 'key_00000000000000000000000009'], grants: [grant], requests: [request] }));
  assert.deepEqual(unknown.unseen, ['key_00000000000000000000000009', grant]);
  assert.match(sayUnknown(unknown)[0] as string, /key_00000000000000000000000009/);
}); // prettier-ignore

test('of a person their own keys are meant too; keys of services that they made are named, not taken', async () => {
  const person = 'per_00000000000000000000000001';
  const keysOf = () => Promise.resolve({ own: [KEY], services: ['key_00000000000000000000000005'] });
  const found = await findScope(needs([line(1)], { keysOf }), criteria({ actors: [person] }));
  assert.deepEqual([totalsOf(found).subjects, found.unknown.unseen, found.unknown.notAsked], [1, [], ['key_00000000000000000000000005']]);
}); // prettier-ignore

test('a field that the catalogue forgot, or has in another class now, takes the classes of its entry, beside one that it knows', async () => {
  const of = async (clear: readonly string[], classes: readonly string[]) =>
    totalsOf(await findScope(needs([line(1, { classes, detail: { collections: ['customer'], clear, masked: [] } })]), criteria())).classes; // prettier-ignore
  assert.deepEqual(await of(['email', 'gone'], ['personal', 'sensitive']), ['personal', 'sensitive']);
  assert.deepEqual(await of(['email', 'iban'], ['personal', 'sensitive']), ['personal', 'sensitive']);
  assert.deepEqual(await of(['email'], ['personal']), ['personal']);
});

test('servers whose clocks were off hide no entry: it is found by its time wherever it stands, and the disorder is said', async () => {
  const hour = 60;
  // two hours late in the log, after what is long past the time that was asked for
  const lines = [...Array.from({ length: 40 }, (_, at) => line(at * hour, { actor: { kind: 'staff', id: 'key_other' } })), line(95), line(41 * hour, { actor: { kind: 'staff', id: 'key_other' } })];
  const at = (index: number): Line[] => [...lines.slice(0, index), lines[40] as Line, ...lines.slice(index, 40), lines[41] as Line];
  for (const index of [3, 4, 5, 8, 20]) {
    const { entries, unknown } = await findScope(needs(at(index)), criteria());
    assert.deepEqual([entries, unknown.disordered], [[index], 1], `${index}`);
  }
  // one whose clock was far ahead stands in the middle of it all, where the search by halves looks first
  for (let index = 0; index <= 21; index += 1) {
    const ahead = line(90 * 24 * hour, { actor: { kind: 'staff', id: 'key_other' } });
    const many = [...Array.from({ length: 20 }, (_, minute) => line(minute)), ahead];
    const moved = [...many.slice(0, index), ahead, ...many.slice(index, 20)];
    assert.equal((await findScope(needs(moved), criteria())).entries.length, 20, `${index}`);
  }
}); // prettier-ignore

test('two runs that found the same have one hash, however far the log had come; what was not over is said', async () => {
  const later = line(500, { actor: { kind: 'staff', id: 'key_other' } });
  const one = await findScope(needs([line(1)]), criteria({ to: new Date(DAY + 20_000 * MINUTE) }));
  const published = { ...needs([line(1), later]) };
  const two = await findScope({ ...published, log: { ...published.log, status: () => Promise.resolve({ tampered: false, publishedSize: 0 }) as never }, clock: () => new Date(DAY + 30_000 * MINUTE) }, criteria({ to: new Date(DAY + 20_000 * MINUTE) }));
  assert.equal(one.hash, two.hash);
  assert.deepEqual([one.unknown.notYet, two.unknown.notYet], [new Date(DAY + 10_000 * MINUTE).toISOString(), null]);
  assert.match(sayUnknown(one.unknown).join('\n'), /the time was not over/);
  const three = await findScope(needs([line(1), line(2)]), criteria({ to: new Date(DAY + 20_000 * MINUTE) }));
  assert.notEqual(one.hash, three.hash);
}); // prettier-ignore

test('who was made up for an exercise is nobody: said as such, and neither found nor unknown; the others of an entry are found', async () => {
  const who = (n: number) => uuidText(Buffer.alloc(16, n));
  const madeUp = () => Promise.resolve(new Set([who(7), who(8)]));
  const lines = [line(1, { subjects: [name(7)] }), line(2, { subjects: [name(8), name(1)] }), line(3, { subjects: [name(2)] })];
  const found = await findScope(needs(lines, { madeUp }), criteria());
  assert.deepEqual([[...found.subjects.keys()], found.entries, found.unknown.madeUp, found.unknown.unnamed.entries], [[who(1), who(2)], [1, 2], 2, []]);
  assert.match(sayUnknown(found.unknown).join('\n'), /2 more in these entries were made up for exercises/);
  const without = [line(2), line(3, { subjects: [name(2)] })];
  assert.equal((await findScope(needs(without), criteria())).hash, (await findScope(needs(without, { madeUp }), criteria())).hash);
}); // prettier-ignore
