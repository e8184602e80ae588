import assert from 'node:assert/strict';
import { test } from 'node:test';

import { partnersOf, partOf, readVendorList } from './settings.ts';

const vendor = (id: number, more: object = {}) => ({ id, name: `v${id}`, purposes: [1], legIntPurposes: [], flexiblePurposes: [], specialPurposes: [1], features: [], specialFeatures: [], ...more }); // prettier-ignore
const named = (...ids: number[]) => Object.fromEntries(ids.map((id) => [id, { id, name: 'n', description: 'a long text that no string needs' }])); // prettier-ignore
const list = (more: object = {}): object => ({
  gvlSpecificationVersion: 3, vendorListVersion: 70, tcfPolicyVersion: 5, lastUpdated: '2026-10-01T00:00:00Z',
  purposes: named(1, 2), specialPurposes: named(1), features: {}, specialFeatures: named(1), stacks: named(1), vendors: { 12: vendor(12), 34: vendor(34) }, ...more,
}); // prettier-ignore

test('a list in which anything that is needed is not as the IAB publishes it is refused, and the place is named', () => {
  readVendorList(list());
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [null, /no object/],
    [[], /no object/],
    [list({ vendorListVersion: 4096 }), /vendorListVersion/],
    [list({ tcfPolicyVersion: '5' }), /tcfPolicyVersion/],
    [list({ gvlSpecificationVersion: 1.5 }), /gvlSpecificationVersion/],
    [list({ lastUpdated: 'yesterday' }), /lastUpdated/],
    [list({ purposes: [] }), /purposes/],
    [list({ vendors: { 12: vendor(13) } }), /vendors\.12/],
    [list({ vendors: { '<b>': vendor(12) } }), /vendors\.\?/],
    [list({ vendors: { 70_000: vendor(70_000) } }), /vendors\.70000/],
    [list({ vendors: { 12: vendor(12, { name: 7 }) } }), /vendors\.12/],
    [list({ vendors: { 12: vendor(12, { purposes: [1, 'x'] }) } }), /vendors\.12\.purposes/],
    [list({ vendors: { 12: vendor(12, { legIntPurposes: [3] }) } }), /vendors\.12\.legIntPurposes/],
    [list({ vendors: { 12: vendor(12, { urls: [null] }) } }), /vendors\.12/],
    [list({ vendors: { 12: vendor(12, { deletedDate: 1 }) } }), /vendors\.12/],
    [list({ vendors: null }), /vendors/],
  ];
  for (const [value, says] of wrong)
    assert.throws(() => readVendorList(value), (thrown: Error & { code: string }) => thrown.code === 'PRIVACY_TCF_LIST_INVALID' && says.test(thrown.message)); // prettier-ignore
});

test('of a list of a thousand vendors only those that are shown are kept with the settings, and no address that is no page', () => {
  const many = Object.fromEntries(
    Array.from({ length: 1000 }, (_, at) => [at + 1, vendor(at + 1, { overflow: { httpGetLimit: 128 } })]),
  );
  const urls = [{ langId: 'de', privacy: 'javascript:alert(1)' }, { langId: 'en', privacy: 'https://v.example/p' }]; // prettier-ignore
  const whole = readVendorList(list({ vendors: { ...many, 12: vendor(12, { urls }) } }));
  const settings = { cmpId: 27, cmpVersion: 1, publisherCountry: 'DE', vendorId: null, purposes: [], vendors: [12, 34] }; // prettier-ignore
  const part = partOf(whole, settings);

  assert.deepEqual(Object.keys(part.vendors), ['12', '34']);
  assert.ok(JSON.stringify(part).length < 2000);
  assert.deepEqual(partnersOf(part, 'en').map(({ privacy }) => privacy), ['https://v.example/p', null]); // prettier-ignore
  assert.deepEqual(partnersOf(part, 'de').map(({ privacy }) => privacy), [null, null]); // prettier-ignore
});
