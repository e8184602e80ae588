import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { Ajv, type AnySchema, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';

import { parse } from '../importers/index.ts';
import { attackLayer, declarations, oscalPoam, oscalResults, sarifLog, standings, type Exported } from './index.ts';
import type { Result } from '../types.ts';
import { POAM_FORM, RESULTS_FORM } from './oscal-form.ts';
import { controlTest, now, result, run, sample } from './sample.ts';
import { uuid5Of } from './uuid5.ts';

const schema = (path: string): Record<string, unknown> => JSON.parse(readFileSync(`vectors/${path}`, 'utf8')) as Record<string, unknown>; // prettier-ignore
/** @param patterns those for OSCAL are written for Unicode, one of CycloneDX cannot be read so */
function validator(patterns: 'unicode' | 'plain', main: AnySchema, ...others: readonly AnySchema[]): ValidateFunction {
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: patterns === 'unicode', schemas: [...others] });
  formats.default(ajv);
  for (const format of ['iri-reference', 'idn-email', 'string']) ajv.addFormat(format, true);
  return ajv.compile(main);
}
const resultsForm = validator('unicode', RESULTS_FORM);
const poamForm = validator('unicode', POAM_FORM);
/** Draft 4: its `id` is `$id` since; nothing else in it has changed its meaning. */
const sarif = validator('plain', JSON.parse(JSON.stringify({ ...schema('sarif/sarif-2.1.0-rtm.5.json'), id: undefined, $schema: undefined })) as AnySchema); // prettier-ignore
const cyclonedx = validator('plain', schema('cyclonedx/bom-1.6.SNAPSHOT.schema.json'), ...['spdx.SNAPSHOT.schema.json', 'jsf-0.82.SNAPSHOT.schema.json'].map((name) => ({ ...schema(`cyclonedx/${name}`), $id: `http://cyclonedx.org/schema/${name}` }))); // prettier-ignore
/** As it is written and read again. */
const written = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
const holds = (validate: ValidateFunction, value: unknown): void => {
  assert.ok(validate(written(value)), JSON.stringify(validate.errors?.slice(0, 5), null, 1));
};
const fails = (validate: ValidateFunction, value: unknown): void => assert.equal(validate(written(value)), false);
/** Samples that could break a form: nothing in them, much in them, odd text. */
const odd = (text: string): Exported => {
  const all = sample();
  return { ...all, system: { ...all.system, name: text }, tests: all.tests.map((each) => ({ ...each, title: text, hypothesis: text })), findings: all.findings.map((each) => ({ ...each, title: text, place: text, reason: text })), runs: all.runs.map((each) => ({ ...each, results: each.results.map((one) => ({ ...one, because: text })) })) }; // prettier-ignore
};
const SAMPLES: readonly Exported[] = [
  sample(),
  { ...sample(), tests: [] },
  { ...sample(), findings: [] },
  { ...sample(), runs: sample().runs.map((each) => ({ ...each, runner: 'one' })) },
  { ...sample(), runs: [run('run-9', [])] },
  { ...sample(), now: new Date('2026-11-27T10:20:30.000Z') },
  ...['', ' ', '\n a \n b ', '"<>&', 'ü'.repeat(3000)].map(odd),
];

test('the schemas are alive: what is not of them does not pass; that of the form of OSCAL is in oscal-form.test.ts', () => {
  fails(sarif, { version: '2.1.0' });
  fails(sarif, { ...sarifLog(sample()), runs: [{ tool: {}, results: [] }] });
  const bom = declarations(sample());
  fails(cyclonedx, { ...bom, specVersion: 1 });
  fails(cyclonedx, { ...bom, declarations: { ...bom.declarations, claims: [{ 'bom-ref': 1 }] } });
});

test('OSCAL: results and plan are of their form, whatever is in them; without runs and without findings there are none', () => {
  for (const each of SAMPLES) {
    holds(resultsForm, oscalResults(each));
    const poam = oscalPoam(each);
    if (poam === null) assert.equal(each.findings.length, 0);
    else holds(poamForm, poam);
  }
  assert.equal(oscalResults({ ...sample(), runs: [] }), null);
  assert.equal(oscalPoam({ ...sample(), findings: [] }), null);
  assert.equal(oscalResults(sample())?.['assessment-results'].metadata['oscal-version'], '1.2.2');
});

test('OSCAL: every id leads somewhere within its document, none is there twice, and they stay from export to export', () => {
  for (const each of SAMPLES)
    for (const document of [oscalResults(each), oscalPoam(each)]) {
      const text = JSON.stringify(document);
      const own = [...text.matchAll(/"uuid":"([^"]+)"/g)].map(([, id]) => id);
      for (const [, id] of text.matchAll(/"(?:actor|observation|risk|component)-uuid":"([^"]+)"/g)) assert.ok(own.includes(id), id); // prettier-ignore
      assert.equal(new Set(own).size, own.length);
    }
  assert.deepEqual(oscalResults(sample()), oscalResults(sample()));
  const later = { ...sample(), now: new Date(now.getTime() + 1000) };
  const ids = (of: Exported): readonly string[] => [...JSON.stringify([oscalResults(of), oscalPoam(of)]).matchAll(/uuid":"([^"]+)"/g)].map(([, id]) => id as string); // prettier-ignore
  assert.deepEqual(ids(later), ids(sample()));
  // RFC 9562 appendix A.4
  assert.equal(uuid5Of(Buffer.from('6ba7b8109dad11d180b400c04fd430c8', 'hex'), 'www.example.com'), '2ed6657d-e927-568b-95e1-2665a8aea6a2'); // prettier-ignore
});

test('OSCAL: a control is satisfied by fresh passes of all its tests alone', () => {
  const states = (of: Exported): Record<string, string> => {
    const [newest] = oscalResults(of)?.['assessment-results'].results ?? [];
    return Object.fromEntries((newest?.findings ?? []).map(({ target }) => [target['target-id'], target.status.state]));
  };

  // AUTHZ-02 failed, AUDIT-01 is too old
  assert.deepEqual(states(sample()), {
    'ac-3_smt': 'satisfied',
    'ac-6.9_smt': 'not-satisfied',
    'au-9_smt': 'not-satisfied',
  });
  const mended = { ...sample(), runs: [...sample().runs, run('run-2', [result('AUTHZ-02', 'pass', { at: now }), result('AUDIT-01', 'pass', { at: now })])] }; // prettier-ignore
  assert.deepEqual(Object.values(states(mended)), ['satisfied', 'satisfied', 'satisfied']);
  assert.deepEqual(states({ ...mended, now: new Date(now.getTime() + 3 * 3_600_000) })['au-9_smt'], 'not-satisfied');
});

test('what stands: the newest result, within its interval; a failure stays one when it gets old', () => {
  const tests = [controlTest('A-1')];
  const at = (hours: number): Date => new Date(now.getTime() - hours * 3_600_000);
  const state = (...results: Parameters<typeof run>[1]): string | undefined => standings(tests, [run('r', results)], now)[0]?.state; // prettier-ignore

  assert.equal(state(), 'unknown');
  assert.equal(state(result('A-1', 'pass', { at: at(24) })), 'pass');
  assert.equal(state(result('A-1', 'pass', { at: at(24.1) })), 'unknown');
  assert.equal(state(result('A-1', 'fail', { at: at(100) })), 'fail');
  assert.equal(state(result('A-1', 'pass', { at: at(1) }), result('A-1', 'invalid', { at: at(0.5) })), 'unknown');
  assert.equal(state(result('A-1', 'fail', { at: at(1) }), result('A-1', 'pass', { at: at(2) })), 'fail');
});

test('what stands: by the order of the runs, whatever a clock said, and with what it rests on', () => {
  const tests = [controlTest('AUTHZ-01', { maps: { sp80053: ['ac-3'] } })];
  const later = (hours: number): Date => new Date(now.getTime() + hours * 3_600_000);
  const ahead = run('run-1', [result('AUTHZ-01', 'pass', { at: later(48) })], { startedAt: later(48) });
  const failed = run('run-2', [result('AUTHZ-01', 'fail')]);
  const at = later(49);
  assert.equal(standings(tests, [ahead, failed], at)[0]?.state, 'fail');
  const document = oscalResults({ ...sample(), tests, runs: [ahead, failed], now: at });
  assert.equal(
    document?.['assessment-results'].results.find((each) => each.findings !== undefined)?.title,
    'Run run-2',
  );

  const state = (evidence: Result['evidence']): string | undefined => standings(tests, [run('r', [result('AUTHZ-01', 'pass', { evidence })])], now)[0]?.state; // prettier-ignore
  assert.deepEqual([state([]), state([{ hash: 'a'.repeat(64), kind: 'gone', sizeBytes: 0 }])], ['unknown', 'unknown']);
});

test('SARIF: of its schema, each finding with its fingerprint; what is settled is suppressed, and imports here as open ones only', () => {
  for (const each of SAMPLES) holds(sarif, sarifLog(each));
  const log = sarifLog(sample());
  const [only] = log.runs;

  assert.deepEqual(only?.results.map(({ partialFingerprints }) => Object.values(partialFingerprints)[0]), sample().findings.map(({ fingerprint }) => fingerprint)); // prettier-ignore
  assert.deepEqual(only?.results.flatMap((each) => ('suppressions' in each ? [each.properties.state] : [])), ['accepted', 'not affected', 'false positive', 'duplicate']); // prettier-ignore
  const over = { ...sample(), now: new Date('2027-11-27T00:00:00Z') };
  assert.ok(!sarifLog(over).runs[0]?.results.some((each) => 'suppressions' in each && each.properties.state === 'accepted'), 'an acceptance that is over'); // prettier-ignore
  const read = parse(Buffer.from(JSON.stringify(log)));
  assert.deepEqual(
    read.map(({ severity }) => severity),
    ['critical', 'high', 'medium', 'low'],
  );
});

test('CycloneDX: declarations of their schema; a failure speaks against, what is too old for nothing', () => {
  for (const each of SAMPLES) holds(cyclonedx, declarations(each));
  const { declarations: said, definitions } = declarations(sample());

  assert.deepEqual(definitions.standards[0]?.requirements.map(({ identifier }) => identifier), ['v5.0.0-8.2.1', 'v5.0.0-8.2.2', 'v5.0.0-8.10.1', 'v5.0.0-16.4.2']); // prettier-ignore
  const scores = Object.fromEntries(said.attestations.map(({ summary, map }) => [summary, map[0]?.conformance.score]));
  assert.deepEqual(scores, { 'ASVS 5.0.0 8.2.1': 1, 'ASVS 5.0.0 8.2.2': 0, 'ASVS 5.0.0 8.10.1': 0, 'ASVS 5.0.0 16.4.2': 0 }); // prettier-ignore
  const refs = new Set([...said.claims, ...said.evidence].map((each) => each['bom-ref']));
  for (const { map } of said.attestations) for (const ref of [...(map[0]?.claims ?? []), ...(map[0]?.counterClaims ?? [])]) assert.ok(refs.has(ref), ref); // prettier-ignore
  for (const claim of said.claims) for (const ref of [...((claim as { evidence?: string[] }).evidence ?? []), ...((claim as { counterEvidence?: string[] }).counterEvidence ?? [])]) assert.ok(refs.has(ref), ref); // prettier-ignore
});

test('the layer of ATT&CK: a technique for each that is mapped, and what came of it', () => {
  const { techniques, domain, versions } = attackLayer(sample());

  assert.deepEqual([domain, versions.layer], ['enterprise-attack', '4.5']);
  assert.deepEqual(techniques.map(({ techniqueID, score, color }) => [techniqueID, score, color]), [['T1078', 50, '#e03131'], ['T1110.003', 0, '#e03131']]); // prettier-ignore
  assert.deepEqual(attackLayer({ ...sample(), tests: [] }).techniques, []);
});
