import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

import { mapFaults } from './map-faults.ts';
import { practiceMap, type PracticeMap } from './practices.ts';

const MAP: PracticeMap = {
  vault: { state: 'works' },
  access: { state: 'begun', issue: 'B', lacks: ['cli', 'docs'] },
  privacy: { state: 'not yet', issue: 'G' },
};

function practice(word: string): Record<string, string> {
  return {
    [`practices/${word}/index.ts`]: '',
    [`practices/${word}/README.md`]: '# short\n',
    [`practices/${word}/failures.ts`]: `failures('${word.toUpperCase()}', {})`,
    [`practices/${word}/read.ts`]: `audit.append({ action: '${word}.read' })`,
    [`practices/${word}/sql/0001-first.sql`]: `create schema ${word};\n`,
    [`bench/${word}.ts`]: '',
  };
}

const WHOLE: Readonly<Record<string, string>> = {
  ...practice('vault'),
  ...practice('access'),
  'cli/vault.ts': '',
  'docs/practices/vault.md': '',
  'docs/openapi.json': JSON.stringify({ paths: { '/v1/vault/records': {}, '/v1/access/keys': {} } }),
  'README.md':
    '| 1 | [vault](practices/vault) | works |\n| 2 | [access](practices/access) | begun |\n| 7 | `practices/privacy` | not yet |\n',
  'ARCHITECTURE.md':
    '# A\n\n## Code map\n`practices/` `practices/vault/` `practices/access/` `bench/` `cli/` `docs/`\n\n## Walls\n`other/`\n',
};

/** @param changes   null takes a file away */
function faultsWith(changes: Readonly<Record<string, string | null>>, map: PracticeMap = MAP): readonly string[] {
  const root = mkdtempSync(join(tmpdir(), 'strongroom-map-'));
  try {
    for (const [path, text] of Object.entries({ ...WHOLE, ...changes })) {
      if (text === null) continue;
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return mapFaults(root, map);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

test('a true map has no fault', () => {
  assert.deepEqual(faultsWith({}), []);
});

const LACKS: ReadonlyArray<readonly [what: string, changes: Readonly<Record<string, string | null>>, fault: RegExp]> = [
  ['door', { 'practices/vault/index.ts': null }, /vault lacks its door/],
  ['README', { 'practices/vault/README.md': null }, /vault lacks its readme/],
  ['short README', { 'practices/vault/README.md': 'line\n'.repeat(61) }, /vault lacks its readme: .* at most 60/],
  ['schema', { 'practices/vault/sql/0001-first.sql': 'create table x ();' }, /vault lacks its sql/],
  ['route', { 'docs/openapi.json': '{"paths":{"/v1/access":{},"/v1/vaults":{}}}' }, /vault lacks its route/],
  ['failures', { 'practices/vault/failures.ts': `failures('KMS', {})` }, /vault lacks its failures/],
  ['events', { 'practices/vault/read.ts': `action: 'record.read'` }, /vault lacks its events/],
  ['CLI noun', { 'cli/vault.ts': null, 'cli/a.ts': '', 'docs/x.md': '' }, /vault lacks its cli/],
  ['docs', { 'docs/practices/vault.md': null }, /vault lacks its docs/],
  ['bench', { 'bench/vault.ts': null }, /vault lacks its bench/],
  ['e2e spec once web exists', { 'web/ui/a.ts': '' }, /vault lacks its e2e/],
  ['README row', { 'README.md': '| [access](practices/access) | begun |\n' }, /no row with practices\/vault/],
  ['README.md', { 'README.md': null }, /README.md does not exist/],
  ['code map', { 'ARCHITECTURE.md': '# A\n' }, /no section "## Code map"/],
];

for (const [what, changes, fault] of LACKS) {
  test(`a missing ${what} is a fault`, () => {
    const faults = faultsWith(changes);

    assert.ok(
      faults.some((one) => fault.test(one)),
      JSON.stringify(faults),
    );
  });
}

test('a practice called "not yet" must not exist, and one that exists must be known', () => {
  const faults = faultsWith({ 'practices/privacy/index.ts': '', 'practices/vaults/index.ts': '' });

  assert.ok(faults.includes('practices/privacy exists, but tools/map/practices.ts says "not yet"'));
  assert.ok(faults.includes('practices/vaults is not one of the eight practices'));
});

test('a lack that is no longer one must leave the list', () => {
  const faults = faultsWith({ 'docs/practices/access.md': '' });

  assert.deepEqual(faults, ['access has its docs by now: take it out of "lacks" in tools/map/practices.ts']);
});

test('a README that promises more than there is, is found out', () => {
  const readme = (WHOLE['README.md'] as string).replace('not yet', 'works').replace('begun', 'works');

  const faults = faultsWith({ 'README.md': readme });

  assert.equal(faults.length, 2);
  assert.match(faults.join('\n'), /the row of access must say "begun", and says works/);
  assert.match(faults.join('\n'), /the row of privacy must say "not yet", and says works/);
});

test('the code map names a folder that is gone, and lacks one that is new', () => {
  const faults = faultsWith({ 'platform/log/index.ts': '', 'bench/vault.ts': null, 'bench/access.ts': null });

  assert.ok(faults.includes('ARCHITECTURE.md: the code map lacks `platform/log/`'));
  assert.ok(faults.includes('ARCHITECTURE.md: the code map names `bench/`, which does not exist'));
});

test('the map knows the eight practices', () => {
  assert.deepEqual(Object.keys(practiceMap), [
    'vault',
    'access',
    'traffic',
    'education',
    'backups',
    'collection',
    'privacy',
    'assurance',
  ]);
});
