import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { parseCatalog } from '../parse-catalog.ts';
import { countUses } from './count-uses.ts';
import { editCatalog } from './edit-catalog.ts';
import { propose, type Numbers } from './propose.ts';

const DOCUMENT = readFileSync(new URL('../../../examples/catalog.yaml', import.meta.url), 'utf8');
const catalog = parseCatalog(DOCUMENT);
const entry = (more: object) => Buffer.from(JSON.stringify({ action: 'vault.read', outcome: 'done', ts: '2026-11-26T01:02:03.000Z', purpose: 'service.support', actor: { kind: 'staff' }, detail: { collections: ['customer'], records: 3, clear: ['email'], masked: ['phone'] }, ...more })); // prettier-ignore

test('uses are counted by field, purpose, kind and day; what was refused, what no purpose had, and what is no JSON is none', () => {
  const { uses, written } = countUses([
    entry({}), entry({}), entry({ outcome: 'denied' }), entry({ purpose: undefined }), entry({ actor: { kind: 'system' } }), Buffer.from('{'), Buffer.from('null'),
    entry({ action: 'vault.write', detail: { collection: 'customer', records: 7 } }),
    entry({ action: 'vault.tokenise', actor: { kind: 'service' }, detail: { collection: 'customer', field: 'email' } }),
  ]); // prettier-ignore

  const day = '2026-11-26';
  const of = { collection: 'customer', purpose: 'service.support', day };
  assert.deepEqual(uses, [
    { ...of, field: 'email', kind: 'staff', clear: 2, masked: 0, records: 6 },
    { ...of, field: 'phone', kind: 'staff', clear: 0, masked: 2, records: 6 },
    { ...of, field: 'email', kind: 'service', clear: 1, masked: 0, records: 1 },
  ]);
  assert.deepEqual(written, [{ collection: 'customer', day, records: 7 }]);
});

const use = (field: string, purpose: string, clear = 1, masked = 0) => ({ collection: 'customer', field, purpose, clear, masked, records: 1, last: '2026-11-01' }); // prettier-ignore
const numbers = (more: Partial<Numbers>): Numbers => ({ watchedDays: 90, days: 90, used: [], written: new Map([['customer', 100]]), present: {}, samples: new Map(), ...more }); // prettier-ignore
const kinds = (field: string, more: Partial<Numbers>): string[] =>
  propose(catalog, numbers(more)).flatMap((each) => (each.field === field ? [`${each.kind} ${each.suggests}`] : []));

test('what nobody read is proposed once it was watched and written long enough, and a right of the subject is no need of ours', () => {
  assert.deepEqual(kinds('fax', {}), ['never-read erase']);
  assert.deepEqual(kinds('fax', { watchedDays: 89 }), []);
  assert.deepEqual(kinds('fax', { written: new Map([['customer', 99]]) }), []);
  assert.deepEqual(kinds('phone', { used: [use('phone', 'legal.request')] }), ['never-read erase']);
  assert.deepEqual(kinds('fax', { used: [use('fax', 'service.billing')] }), []);
});

test('one purpose of several, masked only, mostly empty, always the same, there twice', () => {
  assert.deepEqual(kinds('phone', { used: [use('phone', 'service.support')] }), ['one-purpose narrow']);
  assert.deepEqual(kinds('create_date', { used: [use('create_date', 'service.support', 0, 5)] }), ['one-purpose narrow', 'over-precise coarsen']); // prettier-ignore
  const read = { used: [use('fax', 'service.billing')] };
  assert.deepEqual(kinds('fax', { ...read, present: { customer: 100, 'customer fax': 1 } }), ['mostly-empty erase']);
  assert.deepEqual(kinds('fax', { ...read, present: { customer: 100, 'customer fax': 2 } }), []);
  const sample = (values: number, commonest: number, both: number, same: number) => ({ ...read, samples: new Map([['customer', { records: values, fields: { fax: { values, distinct: 2, commonest } }, same: { 'phone fax': { both, same } } }]]) }); // prettier-ignore
  assert.deepEqual(kinds('fax', sample(100, 98, 0, 0)), ['always-same erase']);
  assert.deepEqual(kinds('fax', sample(100, 50, 100, 98)), ['duplicate erase']);
  assert.deepEqual(kinds('fax', sample(99, 99, 99, 99)), []);
});

test('what is applied changes that one field of the document, and what comes out is a catalogue', () => {
  const edit = (does: 'erase' | 'coarsen' | 'narrow', field: string, type = 'date', purposes: string[] = []) =>
    editCatalog(DOCUMENT, { collection: 'customer', field, does, type, purposes }) as string;

  assert.equal(parseCatalog(edit('erase', 'fax')).collections.get('customer')?.fields.has('fax'), false);
  assert.equal(parseCatalog(edit('coarsen', 'create_date')).collections.get('customer')?.fields.get('create_date')?.minimise?.kind, 'year'); // prettier-ignore
  const narrow = parseCatalog(edit('narrow', 'phone', 'phone', ['service.support', 'legal.request']));
  assert.deepEqual(narrow.collections.get('customer')?.fields.get('phone')?.purposes.map(({ id }) => id), ['service.support', 'legal.request']); // prettier-ignore
  assert.ok(edit('erase', 'fax').includes('# contracts, letters'), 'comments stay');
  assert.equal(editCatalog(DOCUMENT, { collection: 'customer', field: 'nothing', does: 'erase', type: 'text', purposes: [] }), null); // prettier-ignore
});
