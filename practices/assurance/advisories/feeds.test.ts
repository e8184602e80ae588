import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';

import fc from 'fast-check';

import { isFailure } from '#platform/failure';
import { zipOf } from '#platform/zip';

import { npmComponent } from './component.ts';
import { gatherRecords, mirroredRecords, readEpss, readKev, readSbom, readVex, uploadedRecords } from './index.ts';

const record = (id: string) => ({ id, modified: '2026-11-20T10:00:00Z', affected: [] });
const refused = (read: () => unknown, code = 'ASSURANCE_ADVISORY_MALFORMED'): void => {
  assert.throws(read, (thrown) => isFailure(thrown, code) || assert.fail(String(thrown)));
};
async function zip(files: Readonly<Record<string, string>>): Promise<Buffer> {
  async function* entries() {
    for (const [name, text] of Object.entries(files))
      yield { name, at: new Date('2026-11-27T00:00:00Z'), content: (async function* () { yield await Promise.resolve(Buffer.from(text)); })() }; // prettier-ignore
  }
  return Buffer.concat(await Array.fromAsync(zipOf(entries())));
}

test('records come from a file, a list, an archive or a folder of all of them', async (t) => {
  const archive = await zip({ 'A.json': JSON.stringify(record('A')), 'npm/B.json': JSON.stringify([record('B')]), 'readme.txt': 'no', '.hidden.json': '{' }); // prettier-ignore
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-osv-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'npm'));
  writeFileSync(join(folder, 'npm/C.json'), JSON.stringify(record('C')));
  writeFileSync(join(folder, 'all.zip'), archive);
  writeFileSync(join(folder, 'notes.txt'), 'x');

  assert.deepEqual(
    [...uploadedRecords(archive)].map(({ id }) => id),
    ['A', 'B'],
  );
  assert.deepEqual((await Array.fromAsync(mirroredRecords(folder))).map(({ id }) => id).toSorted(), ['A', 'B', 'C']);
  assert.deepEqual(
    [...uploadedRecords(Buffer.from(JSON.stringify(record('D'))))].map(({ id }) => id),
    ['D'],
  );
});

test('of a large feed only what is about the parts is kept; how new it is, all of it says', async () => {
  const about = (id: string, name: string, modified: string) => ({ id, modified, affected: [{ package: { ecosystem: 'npm', name } }] }); // prettier-ignore
  const feed = uploadedRecords(Buffer.from(JSON.stringify([about('A', 'ws', '2026-11-01T00:00:00Z'), about('B', 'other', '2026-11-20T00:00:00Z'), about('C', 'ws', '2026-10-01T00:00:00Z')]))); // prettier-ignore
  const { records, read, newest } = await gatherRecords([npmComponent('ws', '8.17.0')], feed);

  assert.deepEqual([records.map(({ id }) => id), read, newest], [['A', 'C'], 3, new Date('2026-11-20T00:00:00Z')]);
  assert.deepEqual(await gatherRecords([], []), { records: [], read: 0, newest: null });
});

test('an archive that is cut or changed anywhere is refused, or gives what was in it', async () => {
  const archive = await zip({ 'A.json': JSON.stringify(record('A')), 'B.json': JSON.stringify(record('B')) });
  fc.assert(
    fc.property(fc.nat(archive.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean(), (at, bit, cut) => {
      const other = cut ? archive.subarray(0, at) : Buffer.from(archive);
      if (!cut) other[at] = (other[at] as number) ^ bit;
      try {
        // a name may be changed, and with it whether a file counts; never what is in one
        for (const { id } of uploadedRecords(other)) assert.ok(id === 'A' || id === 'B');
      } catch (thrown) {
        assert.ok(isFailure(thrown), `${at}: ${String(thrown)}`);
      }
    }),
    { numRuns: 2000 },
  );
});

test('a small archive does not become a large memory', async () => {
  const bomb = await zip({ 'A.json': `{"id":"${'a'.repeat(9 * 1024 * 1024)}"}` });

  assert.ok(bomb.length < 200_000);
  refused(() => [...uploadedRecords(bomb)], 'ASSURANCE_ADVISORY_TOO_LARGE');
  // one that says it is small inflates no further than it says
  const lying = Buffer.from(bomb);
  const listed = lying.lastIndexOf(Buffer.from('504b0102', 'hex'));
  lying.writeUInt32LE(100, listed + 24);
  refused(() => [...uploadedRecords(lying)]);
});

test('what is none of them is refused, and says what it should have been', () => {
  const bytes = (value: unknown): Buffer => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
  for (const value of ['', '{', 'null', '[]', '{}', '[1]', { bomFormat: 'SPDX' }, '\uD800']) {
    refused(() => readSbom(bytes(value)));
    refused(() => readKev(bytes(value)));
    refused(() => readEpss(bytes(value)));
    refused(() => readVex(bytes(value)));
    if (value !== '[]') refused(() => [...uploadedRecords(bytes(value))]);
  }
  refused(() => readKev(bytes({ dateReleased: '2026-11-20', vulnerabilities: [{ cveID: 'CVE-1' }] })));
  const epss = (row: string): Buffer =>
    bytes(`#model_version:v1,score_date:2026-11-26T00:00:00Z\ncve,epss,percentile\n${row}\n`);
  for (const row of [
    'CVE-2024-1111,2,0.5',
    'CVE-2024-1111,0.5',
    'CVE-2024-1111,0.5,0.5,1',
    'x,0.5,0.5',
    'CVE-2024-1111,NaN,0.5',
  ])
    refused(() => readEpss(epss(row)));
  assert.equal(readEpss(epss('CVE-2024-1111,9.1e-05,1')).byCve.get('CVE-2024-1111')?.score, 0.000091);
  assert.throws(() => readSbom(Buffer.alloc(65 * 1024 * 1024, 0x20)), (thrown) => isFailure(thrown, 'ASSURANCE_ADVISORY_TOO_LARGE')); // prettier-ignore
});

test('this very lock file is read: every part has a version, and is found by its name', async () => {
  const { readFile } = await import('node:fs/promises');
  const { components, unnamed } = readSbom(await readFile('package-lock.json'));

  assert.ok(components.length > 200);
  assert.deepEqual(unnamed, []);
  assert.ok(components.some(({ purl }) => /^pkg:npm\/%40fastify\/swagger@\d+\./.test(purl)));
});
