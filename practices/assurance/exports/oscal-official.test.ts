/**
 * NIST's own schemas of OSCAL. No package that we can install has them, and they are not kept here: they are read from the
 * folder that STRONGROOM_TEST_OSCAL names, and are what NIST released or nothing. Without it this is skipped, and says so; our
 * own form of them (oscal-form.ts) is held against the same documents always.
 * Source: github.com/usnistgov/OSCAL, release v1.2.2
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { Ajv, type AnySchema, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';

import { findingsWorld, type FindingsWorld } from '../testing.ts';
import { FINDING_STATES } from '../types.ts';
import { createExports } from './export-as.ts';
import { oscalPoam, oscalResults } from './index.ts';
import { broken, type ModelName } from './oscal-breaks.ts';
import { POAM_FORM, RESULTS_FORM } from './oscal-form.ts';
import { OSCAL_VERSION } from './oscal-parts.ts';
import { controlTest, sample } from './sample.ts';

const RELEASE = 'https://github.com/usnistgov/OSCAL/releases/tag/v1.2.2';
/** SHA-256 of the released files. */
const OFFICIAL = {
  'assessment-results': ['oscal_assessment-results_schema.json', 'd4e1e7e17c6662814882810ad64075266964ee1a575759ce3955302fd74edcd9'],
  'plan-of-action-and-milestones': ['oscal_poam_schema.json', 'c8f2ce52b3c71299bb0c9e1cd950d48dc79d9f52920c543ac30b3c3f08c2e152'],
} as const satisfies Record<ModelName, readonly [string, string]>; // prettier-ignore
const NAMES = Object.keys(OFFICIAL) as readonly ModelName[];

const given = process.env.STRONGROOM_TEST_OSCAL ?? '';
const skip =
  given === '' && `no schemas of NIST's: put those of ${RELEASE} into a folder and name it in STRONGROOM_TEST_OSCAL`;

function compiled(schema: AnySchema): ValidateFunction {
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: true });
  formats.default(ajv);
  return ajv.compile(schema);
}
function official(name: ModelName): ValidateFunction {
  const [file, sha256] = OFFICIAL[name];
  const bytes = readFileSync(join(given, file));
  assert.equal(createHash('sha256').update(bytes).digest('hex'), sha256, `${file} is not the one of ${RELEASE}`);
  const schema = JSON.parse(bytes.toString()) as AnySchema & { $id: string };
  assert.ok(schema.$id.includes(`/${OSCAL_VERSION}/`), 'the version that we say we write');
  return compiled(schema);
}
function holds(validate: ValidateFunction, document: unknown): void {
  assert.ok(validate(JSON.parse(JSON.stringify(document))), JSON.stringify(validate.errors?.slice(0, 5), null, 1));
}

const TESTS = ['AUTHN-01', 'AUTHN-02', 'AUTHN-03'].map((id) => controlTest(id));

/** Exports of a system on a real database in which some finding is in each of the states. */
async function exportsOfAllStates(t: Parameters<typeof findingsWorld>[0]) {
  const world = await findingsWorld(t);
  await world.run({ 'AUTHN-01': 'pass', 'AUTHN-02': 'fail', 'AUTHN-03': 'invalid' });
  await world.run({ 'AUTHN-01': 'fail', 'AUTHN-02': 'pass' });
  const rows = FINDING_STATES.map((_, n) => `Weak ${n} "ü" <&>,${['critical', 'high', 'medium', 'low', 'info'][n % 5]},web,tcp/${n},r:${n},nmap`); // prettier-ignore
  await world.reports.take(world.by('ada'), {
    bytes: Buffer.from(`title,severity,asset,place,rule,tool\n${rows.join('\n')}\n`),
  });
  await intoAllStates(world);
  const all = (await world.findings.list({ state: 'all', most: 100 })).findings;
  assert.deepEqual([...new Set(all.map(({ state }) => state))].toSorted(), [...FINDING_STATES].toSorted());
  return createExports({
    db: world.db,
    clock: world.clock,
    tests: TESTS,
    system: { id: 'installation-1', name: 'Strongroom of Example', version: '0.1.0' },
    audit: { prove: () => Promise.reject(new Error('not asked')), verifierKey: '' },
    signer: () => Promise.reject(new Error('not asked')),
  });
}

async function intoAllStates(world: FindingsWorld): Promise<void> {
  const found = (await world.findings.list({ state: 'all', most: 100 })).findings.filter(
    ({ testId }) => testId === null,
  );
  const change = async (n: number, more: object) => {
    const id = found[n]?.id ?? '';
    const { version } = await world.findings.get(id);
    return world.findings.change(world.by('ada'), id, { version, note: 'seen', ...more });
  };
  await change(1, { move: 'triage' });
  await change(2, { move: 'start' });
  await change(3, { move: 'ready' });
  await change(4, { move: 'ready' });
  await change(4, { move: 'fixed' });
  const lived = found[5]?.id ?? '';
  const wanted = { days: 30, control: 'closed at the proxy', reason: 'the release is in a month' };
  const { version } = await world.findings.get(lived);
  const proposed = await world.findings.propose(world.by('ada'), lived, { ...wanted, version });
  await world.findings.decide(world.by('bob'), lived, { version: proposed.version, verdict: 'approved', note: '' });
  await change(6, { move: 'not-affected', justification: 'component_not_present', anchor: '1.3.0' });
  await change(7, { move: 'false-positive' });
  await change(8, { move: 'duplicate', duplicateOf: found[0]?.id });
}

test('OSCAL of a system with findings of all states is of our form', async (t) => {
  const exports = await exportsOfAllStates(t);

  holds(compiled(RESULTS_FORM), await exports.document('oscal-assessment-results'));
  holds(compiled(POAM_FORM), await exports.document('oscal-poam'));
});

test("OSCAL of a system with findings of all states is valid by NIST's own schemas", { skip }, async (t) => {
  const exports = await exportsOfAllStates(t);
  const [results, poam] = NAMES.map(official) as [ValidateFunction, ValidateFunction];

  holds(results, await exports.document('oscal-assessment-results'));
  holds(poam, await exports.document('oscal-poam'));
  holds(results, oscalResults(sample()));
  holds(poam, oscalPoam(sample()));
});

test("what our form refuses, NIST's schemas refuse too: it says nothing that is not theirs", { skip }, () => {
  for (const name of NAMES) {
    const validate = official(name);
    for (const { what, document } of broken(name)) assert.equal(validate(document), false, `${name} ${what}`);
  }
});
