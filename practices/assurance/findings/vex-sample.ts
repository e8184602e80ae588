/** A part, what is known to be wrong with it, and what is said of that, for tests. */
export const PURL = 'pkg:npm/%40acme/left-pad';
export const parts = (version: string): Uint8Array =>
  Buffer.from(
    JSON.stringify({
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      components: [{ type: 'library', name: 'left-pad', group: '@acme', version, purl: `${PURL}@${version}` }],
    }),
  );
export const osv = Buffer.from(JSON.stringify([{
  id: 'GHSA-aaaa-bbbb-cccc', aliases: ['CVE-2026-0001'], modified: '2026-11-26T00:00:00Z', summary: 'it pads too far',
  severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H' }],
  affected: [{ package: { ecosystem: 'npm', name: '@acme/left-pad' }, ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }] }] }],
}])); // prettier-ignore
export const openVex = (...statements: readonly object[]): Uint8Array =>
  Buffer.from(
    JSON.stringify({
      '@context': 'https://openvex.dev/ns/v0.2.0',
      '@id': 'x',
      author: 'ours',
      timestamp: '2026-11-27T00:00:00Z',
      version: 1,
      statements,
    }),
  );
export const about = (version: string, more: object): object => ({
  vulnerability: { name: 'GHSA-aaaa-bbbb-cccc' },
  products: [{ '@id': `${PURL}@${version}` }],
  ...more,
});
export const NOT = { status: 'not_affected', justification: 'vulnerable_code_not_in_execute_path' };
/** Two versions of one part, as a lock file has them. */
export const both = (...versions: readonly string[]): Uint8Array =>
  Buffer.from(
    JSON.stringify({
      lockfileVersion: 3,
      packages: Object.fromEntries(
        versions.map((version, n) => [
          `${n === 0 ? '' : `node_modules/user-${n}/`}node_modules/@acme/left-pad`,
          { version },
        ]),
      ),
    }),
  );
