/** What NIST's schemas of OSCAL refuse, of documents that we write. For tests: of our own form, and of the official schemas. */
import assert from 'node:assert/strict';

import { oscalPoam, oscalResults } from './index.ts';
import { sample } from './sample.ts';

type Tree = Record<string | number, unknown>;
export type ModelName = 'assessment-results' | 'plan-of-action-and-milestones';

/** @returns the document with another value at the path, or with nothing there where the value is undefined */
export function changed(document: unknown, path: readonly (string | number)[], value?: unknown): unknown {
  const copy = structuredClone(document) as Tree;
  let at = copy;
  for (const step of path.slice(0, -1)) at = at[step] as Tree;
  const last = path.at(-1) as string | number;
  assert.ok(value === undefined ? Object.hasOwn(at, last) : true, `nothing at ${path.join('/')}`);
  if (value === undefined) Reflect.deleteProperty(at, last);
  else at[last] = value;
  return JSON.parse(JSON.stringify(copy)) as unknown;
}

/** What NIST's schemas require, of what we write. */
const REQUIRED: Readonly<Record<ModelName, readonly string[]>> = {
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
const WRONG: Readonly<Record<ModelName, readonly (readonly [string, unknown])[]>> = {
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

const WHOLE: Readonly<Record<ModelName, unknown>> = {
  'assessment-results': oscalResults(sample()),
  'plan-of-action-and-milestones': oscalPoam(sample()),
};

/** Every document that a schema has to refuse, with what was done to it. */
export function broken(name: ModelName): readonly Readonly<{ what: string; document: unknown }>[] {
  const whole = WHOLE[name];
  const at = (path: string, value?: unknown) => {
    const steps = [name, ...path.split('/').map((step) => (/^\d+$/.test(step) ? Number(step) : step))];
    return { what: `${path} ${JSON.stringify(value)}`, document: changed(whole, steps, value) };
  };
  return [
    { what: 'nothing', document: {} },
    { what: 'something beside it', document: { ...(whole as object), more: 1 } },
    ...REQUIRED[name].map((path) => at(path)),
    ...WRONG[name].map(([path, value]) => at(path, value)),
    at('more', 1),
    at('metadata/more', 1),
  ];
}
