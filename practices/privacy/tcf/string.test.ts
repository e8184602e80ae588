/** TC strings: the specification's own examples, a slow twin, and what somebody makes to break the reader. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { VendorList } from '@iabtechlabtcf/core';
import fc from 'fast-check';

import { readTcString, writeTcString, type TcFacts } from './string.ts';

const NOW = new Date('2026-11-26T12:00:00Z');
/** IAB Tech Lab, "Consent string and vendor list formats v2": of "How does a URL-based service process the TC string". */
const CORE = 'COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA';
const DISCLOSED =
  'IFoEUQQgAIQwgIwQABAEAAAAOIAACAIAAAAQAIAgEAACEAAAAAgAQBAAAAAAAGBAAgAAAAAAAFAAECAAAgAAQARAEQAAAAAJAAIAAgAAAYQEAAAQmAgBC3ZAYzUw';
/** The same, "TC String Format": one service alone, with what was said to the publisher. */
const SERVICE =
  'CLcVDxRMWfGmWAVAHCENAXCkAKDAADnAABRgA5mdfCKZuYJez-NQm0TBMYA4oCAAGQYIAAAAAAEAIAEgAA.argAC0gAAAAAAAAAAAA';
const read = (text: string): TcFacts => readTcString(text, NOW);
const refused = (text: string, says: RegExp): void => {
  assert.throws(() => read(text), (thrown: Error & { code: string; cause?: unknown }) => {
    assert.equal(thrown.code, 'PRIVACY_TCF_INVALID');
    assert.match(thrown.message, says);
    assert.ok(!thrown.message.includes(text) && thrown.cause === undefined, 'and nothing of the string is in it');
    return true;
  }); // prettier-ignore
};
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const bitsOf = (text: string): string =>
  [...text].map((letter) => ALPHABET.indexOf(letter).toString(2).padStart(6, '0')).join('');
const lettersOf = (bits: string): string =>
  (bits.padEnd(Math.ceil(bits.length / 24) * 24, '0').match(/.{6}/g) ?? []).map((six) => ALPHABET[Number.parseInt(six, 2)]).join(''); // prettier-ignore
const number = (value: number, bits: number): string => value.toString(2).padStart(bits, '0');
/** A core up to its vectors, of the example. */
const HEAD = bitsOf(CORE).slice(0, 213);
/** Of the table "The Core String": name, bits. */
const FIELDS: readonly (readonly [string, number])[] = [
  ['version', 6], ['created', 36], ['lastUpdated', 36], ['cmpId', 12], ['cmpVersion', 12], ['screen', 6], ['language', 12],
  ['vendorListVersion', 12], ['policyVersion', 6], ['serviceSpecific', 1], ['ownTexts', 1], ['specialFeatures', 12],
  ['purposeConsents', 24], ['purposeLegitimateInterests', 24], ['purposeOneTreatment', 1], ['publisherCountry', 12],
]; // prettier-ignore

/** Slow and readable: every field of the core as the table has it. */
function twin(core: string): Record<string, string> {
  const [bits, found]: [string, Record<string, string>] = [bitsOf(core), {}];
  let at = 0;
  for (const [name, length] of FIELDS) {
    found[name] = bits.slice(at, at + length);
    at += length;
  }
  return found;
}
const setIn = (bits: string | undefined): number[] =>
  [...(bits ?? '')].flatMap((bit, at) => (bit === '1' ? [at + 1] : []));

test('the examples of the specification say what it says they say, and a slow reading agrees', () => {
  const core = read(CORE);
  assert.deepEqual(
    [core.cmpId, core.vendorListVersion, core.policyVersion, core.language, core.created.toISOString(), core.serviceSpecific],
    [27, 15, 2, 'EN', '2020-02-20T23:57:39.300Z', false],
  ); // prettier-ignore
  assert.deepEqual([core.purposeConsents, core.vendorConsents, core.vendorLegitimateInterests], [[1, 2, 3], [2, 6, 8], [2, 6, 8]]); // prettier-ignore
  assert.deepEqual([core.vendorsDisclosed, core.publisher], [null, null]);
  const whole = read(`${CORE}.${DISCLOSED}`);
  assert.deepEqual([whole.vendorsDisclosed?.length, whole.vendorsDisclosed?.slice(0, 4)], [79, [2, 6, 8, 12]]);
  const service = read(SERVICE);
  assert.deepEqual([service.serviceSpecific, service.publisherCountry], [true, 'KM']);
  assert.deepEqual(service.publisher, { consents: [2, 4, 6, 8, 9, 10], legitimateInterests: [2, 4, 5, 7, 10] });

  for (const [text, facts] of [[CORE, core], [SERVICE.split('.')[0], service]] as const) {
    const slow = twin(text as string);
    assert.deepEqual(
      [facts.purposeConsents, facts.purposeLegitimateInterests, facts.specialFeatures, facts.cmpVersion, facts.created.getTime()],
      [setIn(slow.purposeConsents), setIn(slow.purposeLegitimateInterests), setIn(slow.specialFeatures), Number.parseInt(slow.cmpVersion ?? '', 2), Number.parseInt(slow.created ?? '', 2) * 100],
    );
  } // prettier-ignore
});

test('what was cut off, forged or made up is refused, and its words repeat nothing of it', () => {
  const says = JSON.stringify(read(CORE));
  for (let length = 0; length < CORE.length; length += 1) {
    const cut = CORE.slice(0, length);
    try {
      assert.equal(JSON.stringify(read(cut)), says, 'of what is left out only zeros at the end say nothing');
      assert.match(CORE.slice(length), /^A+$/);
    } catch (thrown) {
      assert.equal((thrown as { code?: string }).code, 'PRIVACY_TCF_INVALID', `${length} characters`);
    }
  }
  refused('BOEFEAyOEFEAyAHABDENAI4AAAB9vABAASA', /version 1/);
  refused(`${CORE}!`, /base64url/);
  refused(`${CORE}.`, /too early/);
  refused(`${CORE}.${DISCLOSED}.${DISCLOSED}`, /a segment twice/);
  refused(`${CORE}.${lettersOf(number(5, 3))}`, /no known kind/);
  refused(`${CORE}B`, /follows its end/);
  refused('A'.repeat(9000), /longer than/);
  // as TCF 2.3 asks for since March 2026
  const march = number(Date.parse('2026-03-02T00:00:00Z') / 100, 36);
  const late = `${HEAD.slice(0, 6)}${march}${march}${bitsOf(CORE).slice(78)}`;
  refused(lettersOf(late), /which vendors were shown/);
  assert.equal(read(`${lettersOf(late)}.${DISCLOSED}`).vendorsDisclosed?.length, 79);
  const future = number(Date.parse('2027-03-02T00:00:00Z') / 100, 36);
  refused(`${lettersOf(`${HEAD.slice(0, 6)}${future}${future}${bitsOf(CORE).slice(78)}`)}.${DISCLOSED}`, /future/);
  refused(lettersOf(`${HEAD.slice(0, 6)}${march}${bitsOf(CORE).slice(42)}`), /before it was made/);
});

test('a short string that names every vendor over and over is refused before anything is built of it', () => {
  const all = `1${number(1, 16)}${number(65_535, 16)}`;
  const vector = number(65_535, 16) + '1' + number(200, 12) + all.repeat(200);
  const nobody = number(0, 16) + '0';
  const from = process.threadCpuUsage();
  refused(lettersOf(HEAD + vector + nobody + number(0, 12)), /not in order/);
  const rules = (types: readonly number[]) => types.map((type) => number(type, 8) + number(1, 12) + all).join('');
  refused(lettersOf(`${HEAD}${nobody}${nobody}${number(4, 12)}${rules([4, 5, 6, 8])}`), /more restrictions/);
  refused(lettersOf(`${HEAD}${nobody}${nobody}${number(2, 12)}${rules([4, 4])}`), /says nothing/);
  assert.ok(process.threadCpuUsage(from).user < 500_000, 'at once');
  const one = read(lettersOf(`${HEAD}${nobody}${nobody}${number(1, 12)}${number(5, 8)}${number(1, 12)}0${number(8, 16)}`)); // prettier-ignore
  assert.deepEqual(one.restrictions, [{ purpose: 1, rule: 'consent only', vendors: [8] }]);
});

test('whatever is written is read again as it was meant, and any other letter in it never throws anything else', () => {
  const vendor = (id: number) => ({ id, name: `v${id}`, purposes: [1, 2, 3, 4], legIntPurposes: [2, 7], flexiblePurposes: [], specialPurposes: [], features: [], specialFeatures: [] }); // prettier-ignore
  const list = {
    gvlSpecificationVersion: 3, vendorListVersion: 70, tcfPolicyVersion: 5, lastUpdated: '2026-10-01T00:00:00Z',
    purposes: Object.fromEntries([1, 2, 3, 4, 7].map((id) => [id, { id, name: 'p', description: '' }])), specialPurposes: {}, features: {}, specialFeatures: { 1: { id: 1, name: 's', description: '' } }, stacks: {},
    vendors: Object.fromEntries([2, 6, 8, 755].map((id) => [id, vendor(id)])),
  } as unknown as VendorList; // prettier-ignore
  const some = <T>(...of: T[]) => fc.subarray(of);
  fc.assert(
    fc.property(some(1, 2, 3, 4), some(2, 7), some(2, 6, 8, 755), some(2, 6, 8, 755), fc.constantFrom('en', 'de'), fc.nat(), (consents, interests, shown, agreed, language, n) => {
      const vendors = agreed.filter((id) => shown.includes(id));
      const text = writeTcString(list, {
        cmpId: 27, cmpVersion: 4, publisherCountry: 'DE', language, at: NOW, specialFeatures: [1], consents, legitimateInterests: interests,
        vendorsDisclosed: shown, vendorConsents: vendors, vendorLegitimateInterests: vendors,
      });
      const facts = read(text);
      assert.deepEqual([facts.purposeConsents, facts.purposeLegitimateInterests, facts.vendorsDisclosed, facts.vendorConsents, facts.vendorLegitimateInterests], [consents, interests, shown, vendors, vendors]);
      assert.deepEqual([facts.language, facts.created.toISOString(), facts.policyVersion, facts.publisher?.consents], [language.toUpperCase(), '2026-11-26T00:00:00.000Z', 5, consents]);
      const at = n % text.length;
      const changed = `${text.slice(0, at)}${ALPHABET[n % 64]}${text.slice(at + 1)}`;
      try {
        read(changed);
      } catch (thrown) {
        assert.equal((thrown as { code?: string }).code, 'PRIVACY_TCF_INVALID');
      }
    }),
    { numRuns: 150 },
  ); // prettier-ignore
});
