import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { CONTROL_TESTS } from '../families/index.ts';
import { coverage, FAMILY_MAPS, idsOf, MAP_NAMES, mapFaults, type MapName } from './index.ts';

const official = (name: string): readonly string[] => readFileSync(`vectors/maps/${name}.txt`, 'utf8').trimEnd().split('\n'); // prettier-ignore

test('the ids here are those of the official lists, each once, in their order', () => {
  const lists = { asvs: 'asvs-5.0.0', wstg: 'wstg-4.2', csf: 'csf-2.0' } as const;
  for (const [map, name] of Object.entries(lists)) assert.deepEqual(idsOf(map as MapName), official(name), map);
  assert.deepEqual(idsOf('sp80053')?.slice(0, 423), official('sp800-53-r5'));
  assert.equal(new Set(idsOf('sp80053')).size, idsOf('sp80053')?.length);
  const counts = Object.fromEntries(MAP_NAMES.map((map) => [map, idsOf(map)?.length ?? null]));
  assert.deepEqual(counts, { asvs: 345, wstg: 97, csf: 106, sp80053: 454, iso27001: 93, soc2: 61, cis: 153, pci: null, attack: null }); // prettier-ignore
});

test('what docs/asvs.md asks about is in the list of ASVS', () => {
  const rows = [...readFileSync('docs/asvs.md', 'utf8').matchAll(/^\| (\d+\.\d+\.\d+) \|/gm)].map(([, id = '']) => id);

  assert.ok(rows.length > 60);
  assert.deepEqual(mapFaults([{ id: 'docs', maps: { asvs: rows } }]), []);
});

test('each id that a family is mapped to is one, and each family speaks for CSF and SP 800-53', () => {
  assert.deepEqual(mapFaults(Object.entries(FAMILY_MAPS).map(([id, maps]) => ({ id, maps }))), []);
  for (const [family, maps] of Object.entries(FAMILY_MAPS)) {
    assert.ok((maps.csf?.length ?? 0) > 0 && (maps.sp80053?.length ?? 0) > 0, family);
  }
});

test('each id that a control test is mapped to is one, and its family has its map', () => {
  assert.ok(CONTROL_TESTS.length > 0);
  for (const { family } of CONTROL_TESTS) assert.ok(FAMILY_MAPS[family] !== undefined, family);
  assert.deepEqual(mapFaults(CONTROL_TESTS), []);
});

test('an id that there is not, in whatever catalogue, or that is named twice is a fault', () => {
  const wrong: Readonly<Record<MapName, readonly string[]>> = {
    asvs: ['8.2.5', '18.1.1', 'V8.2.1', '8.2'],
    wstg: ['WSTG-ATHZ-05', 'WSTG-INJT-05', 'ATHZ-01'],
    csf: ['PR.AC-01', 'ID.AM-06', 'DE.CM-04', 'PR.AA-5'],
    sp80053: ['ac-99', 'AC-3', 'ac-3.99', 'ac-13'],
    iso27001: ['A.9.1', 'A.5.38', '5.1'],
    soc2: ['CC6.9', 'CC10.1'],
    cis: ['1.6', '19.1', '0.1'],
    pci: ['13.1', '1', '1.0.1', 'PCI 1.1'],
    attack: ['T11', 'T1078.1', 'TA0001'],
  };
  for (const [map, ids] of Object.entries(wrong))
    for (const id of ids)
      assert.match(mapFaults([{ id: 'X-1', maps: { [map]: [id] } }]).join(), /which its list does not have/, id);
  assert.deepEqual(mapFaults([{ id: 'X-1', maps: { asvs: ['8.2.1', '8.2.1'] } }]), ['X-1 maps to asvs 8.2.1 twice']);
});

test('coverage: a failure of one is one of the id, an unknown keeps it from passing; what no test speaks for has no row', () => {
  const of = (id: string, state: 'pass' | 'fail' | 'unknown', ...asvs: readonly string[]) => ({ test: { id, maps: { asvs } }, state }); // prettier-ignore
  const [asvs] = coverage([of('A-1', 'pass', '10.1.1', '8.2.1'), of('A-2', 'unknown', '8.2.1', '8.2.2'), of('A-3', 'fail', '8.2.2')]); // prettier-ignore

  assert.equal(asvs?.ids, 345);
  assert.deepEqual(asvs?.rows, [
    { id: '8.2.1', tests: ['A-1', 'A-2'], state: 'unknown' },
    { id: '8.2.2', tests: ['A-2', 'A-3'], state: 'fail' },
    { id: '10.1.1', tests: ['A-1'], state: 'pass' },
  ]);
});
