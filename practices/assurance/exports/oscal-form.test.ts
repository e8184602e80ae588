import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Ajv, type AnySchema, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';

import { oscalPoam, oscalResults } from './index.ts';
import { POAM_FORM, RESULTS_FORM } from './oscal-form.ts';
import { sample } from './sample.ts';

type Path = readonly (string | number)[];
type Tree = Record<string | number, unknown>;

function validator(form: AnySchema): ValidateFunction {
  const ajv = new Ajv({ strict: true, unicodeRegExp: true });
  formats.default(ajv);
  return ajv.compile(form);
}
/** @returns the document with another value at the path, or with nothing there where the value is undefined */
function changed(document: unknown, path: Path, value?: unknown): unknown {
  const copy = structuredClone(document) as Tree;
  let at = copy;
  for (const step of path.slice(0, -1)) at = at[step] as Tree;
  const last = path.at(-1) as string | number;
  assert.ok(value === undefined ? Object.hasOwn(at, last) : true, `nothing at ${path.join('/')}`);
  if (value === undefined) Reflect.deleteProperty(at, last);
  else at[last] = value;
  return JSON.parse(JSON.stringify(copy)) as unknown;
}
const MODELS = [
  { name: 'assessment-results', document: oscalResults(sample()), holds: validator(RESULTS_FORM) },
  { name: 'plan-of-action-and-milestones', document: oscalPoam(sample()), holds: validator(POAM_FORM) },
] as const;

/** What NIST's schemas require, of what we write. */
const REQUIRED: Readonly<Record<(typeof MODELS)[number]['name'], readonly string[]>> = {
  'assessment-results': [
    ...['uuid', 'metadata', 'import-ap', 'import-ap/href', 'results', 'back-matter/resources/0/uuid'],
    ...['title', 'last-modified', 'version', 'oscal-version'].map((name) => `metadata/${name}`),
    'back-matter/resources/0/rlinks/0/href',
    ...['uuid', 'title', 'description', 'start', 'reviewed-controls'].map((name) => `results/0/${name}`),
    'results/0/reviewed-controls/control-selections',
    'results/0/reviewed-controls/control-selections/0/include-controls',
    'results/0/reviewed-controls/control-selections/0/include-controls/0/control-id',
    'results/0/local-definitions/assessment-assets/assessment-platforms',
    'results/0/local-definitions/assessment-assets/assessment-platforms/0/uuid',
    'results/0/local-definitions/assessment-assets/assessment-platforms/0/uses-components/0/component-uuid',
    ...['uuid', 'type', 'title', 'description', 'status', 'status/state'].map((name) => `results/0/local-definitions/assessment-assets/components/0/${name}`), // prettier-ignore
    ...['uuid', 'description', 'methods', 'collected', 'props/0/name', 'props/0/value', 'relevant-evidence/0/description', 'origins/0/actors', 'origins/0/actors/0/type', 'origins/0/actors/0/actor-uuid'].map((name) => `results/0/observations/0/${name}`), // prettier-ignore
    ...['uuid', 'title', 'description', 'target', 'target/type', 'target/target-id', 'target/status', 'target/status/state', 'related-observations/0/observation-uuid'].map((name) => `results/0/findings/0/${name}`), // prettier-ignore
    'results/0/findings/1/related-risks/0/risk-uuid',
  ],
  'plan-of-action-and-milestones': [
    ...['uuid', 'metadata', 'poam-items', 'system-id/id', 'poam-items/0/title', 'poam-items/0/description'],
    ...['poam-items/0/origins/0/actors', 'poam-items/0/related-risks/0/risk-uuid'],
    ...['uuid', 'title', 'description', 'statement', 'status', 'characterizations/0/origin', 'characterizations/0/facets', 'characterizations/0/facets/0/name', 'characterizations/0/facets/0/system', 'characterizations/0/facets/0/value'].map((name) => `risks/0/${name}`), // prettier-ignore
  ],
};
/** Values that NIST's schemas refuse where they stand. */
const WRONG: Readonly<Record<(typeof MODELS)[number]['name'], readonly (readonly [string, unknown])[]>> = {
  'assessment-results': [
    ...['x', '', '6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'g'.repeat(8)].map((id) => ['uuid', id] as const),
    ...['2026-02-30T00:00:00Z', '2026-11-27T24:00:00Z', '2026-11-27T00:00:00', '2026-11-27', ' 2026-11-27T00:00:00Z'].map((at) => ['results/0/start', at] as const), // prettier-ignore
    ...['', 'one\ntwo', 1].map((title) => ['results/0/title', title] as const),
    ...['', ' one', 'one ', 'one\n'].map((version) => ['metadata/version', version] as const),
    ...['', '3-ac', 'ac 3', 'a:c'].map((id) => ['results/0/findings/0/target/target-id', id] as const),
    ...['no scheme', '//host', 'urn:'].map((ns) => ['results/0/observations/0/props/0/ns', ns] as const),
    ['results', []],
    ['results/0/observations', []],
    ['results/0/observations/0/props', []],
    ['results/0/observations/0/origins/0/actors/0/type', 'person'],
    ['results/0/findings/0/target/type', 'control-id'],
    ['results/0/findings/0/target/status/state', 'pass'],
    ['results/0/local-definitions/assessment-assets/components/0/status/state', 'running'],
    ['results/0/reviewed-controls/control-selections/0/include-all', {}],
    ['import-ap/href', 'not a reference'],
  ],
  'plan-of-action-and-milestones': [
    ['poam-items', []],
    ['risks/0/deadline', 'soon'],
    ['risks/0/status', ''],
    ['poam-items/0/title', ''],
  ],
};

for (const { name, document, holds } of MODELS) {
  const refused = (path: string, value?: unknown): void => {
    const steps = [name, ...path.split('/').map((step) => (/^\d+$/.test(step) ? Number(step) : step))];
    assert.equal(holds(changed(document, steps, value)), false, `${path} ${JSON.stringify(value)}`);
  };
  test(`the form of OSCAL's ${name} is alive: what is missing, wrong or unknown does not pass`, () => {
    assert.ok(holds(changed(document, [name, 'uuid'], '2ed6657d-e927-568b-95e1-2665a8aea6a2')));
    assert.equal(holds({}), false);
    assert.equal(holds({ ...document, more: 1 }), false);
    for (const path of REQUIRED[name]) refused(path);
    for (const [path, value] of WRONG[name]) refused(path, value);
    refused('more', 1);
    refused('metadata/more', 1);
    refused('metadata/oscal-version', '1.0.4');
  });
}
