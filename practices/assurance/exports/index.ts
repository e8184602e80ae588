/**
 * Exports: what is known here, in the formats of others. Pure; ids are made of names, so that an export repeated is the same.
 *
 * | name | what | source |
 * |---|---|---|
 * | `oscalResults`, `oscalPoam` | OSCAL 1.2 assessment results, plan of action | oscal-results.ts, oscal-poam.ts |
 * | `sarifLog` | SARIF 2.1.0 | sarif-log.ts |
 * | `declarations` | CycloneDX 1.6 declarations on ASVS | declarations.ts |
 * | `attackLayer` | a layer of ATT&CK Navigator | attack-layer.ts |
 * | `auditBundle` | all of it with evidence and proofs, signed, with its verifier | bundle.ts, verify.mjs |
 * | `standings` | what counts now: only fresh results do | standing.ts |
 */
export { attackLayer } from './attack-layer.ts';
export { auditBundle, type BundleNeeds } from './bundle.ts';
export { declarations } from './declarations.ts';
export type { Exported } from './exported.ts';
export { oscalPoam } from './oscal-poam.ts';
export { oscalResults } from './oscal-results.ts';
export { sarifLog } from './sarif-log.ts';
export { standingOf, standings, type Standing } from './standing.ts';
