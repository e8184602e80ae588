/**
 * Advisories: what the product is made of × what is known to be wrong with it. Everything is brought: nothing is fetched.
 *
 * | name | what | file |
 * |---|---|---|
 * | `readSbom` | CycloneDX, or npm's lock file → parts | sbom.ts |
 * | `uploadedRecords`, `mirroredRecords` | OSV: a file, an archive, a folder → records | mirror.ts |
 * | `gatherRecords` | of them what is about these parts, and how new the feed is | mirror.ts |
 * | `readKev`, `readEpss` | what is exploited, what may be | feeds.ts |
 * | `readVex` | who says that a version is not affected, and why | vex.ts |
 * | `match` | all of it → affected, settled, faults | match.ts |
 * | `feedAges` | how old it is | feed-age.ts |
 */
export { nameKey, versionedPart } from './component.ts';
export { feedAges, type FeedAge } from './feed-age.ts';
export { readEpss, readKev, type Epss, type Kev } from './feeds.ts';
export { match, type Advisory, type Matched } from './match.ts';
export { gatherRecords, mirroredRecords, uploadedRecords } from './mirror.ts';
export type { OsvRecord } from './record.ts';
export { readSbom, type Sbom } from './sbom.ts';
export { readVex, type VexStatement, type VexStatus } from './vex.ts';
