import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Ajv, type AnySchema, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';

import { oscalPoam, oscalResults } from './index.ts';
import { broken, changed } from './oscal-breaks.ts';
import { POAM_FORM, RESULTS_FORM } from './oscal-form.ts';
import { sample } from './sample.ts';

function validator(form: AnySchema): ValidateFunction {
  const ajv = new Ajv({ strict: true, unicodeRegExp: true });
  formats.default(ajv);
  return ajv.compile(form);
}
const MODELS = [
  { name: 'assessment-results', document: oscalResults(sample()), holds: validator(RESULTS_FORM) },
  { name: 'plan-of-action-and-milestones', document: oscalPoam(sample()), holds: validator(POAM_FORM) },
] as const;

for (const { name, document, holds } of MODELS)
  test(`the form of OSCAL's ${name} is alive: what is missing, wrong or unknown does not pass`, () => {
    assert.ok(holds(changed(document, [name, 'uuid'], '2ed6657d-e927-568b-95e1-2665a8aea6a2')));
    for (const each of broken(name)) assert.equal(holds(each.document), false, each.what);
    assert.equal(holds(changed(document, [name, 'metadata', 'oscal-version'], '1.0.4')), false);
  });
