/** collection: keep only what is needed. */
export { checkText, checkValue, MAX_VALUE_BYTES, type CheckedValue } from './check-value.ts';
export { createDetector } from './detect/detector.ts';
export {
  DETECTED_TYPES,
  type Column,
  type ColumnFinding,
  type DetectedType,
  type Detector,
  type Finding,
  type Prevalence,
  type Reason,
  type TextOptions,
} from './detect/finding.ts';
export { LEXICON, packWords } from './detect/names/lexicon.ts';
export { trainTagger, type Labelled } from './detect/names/training.ts';
export { diffCatalogs, type CatalogChange, type CatalogDiff, type ChangeEffect } from './diff-catalogs.ts';
export { takeInFile, type FromFile } from './catalog-file.ts';
export { createCatalogVersions, type CatalogVersions } from './catalog-versions.ts';
export { openLiveCatalog, type LiveCatalog } from './live-catalog.ts';
export { lintCatalog, parseCatalog, type LintedCatalog } from './parse-catalog.ts';
export type { CatalogProblem } from './catalog-problem.ts';
export type {
  Art9Condition,
  Catalog,
  CollectionSpec,
  DataClass,
  FieldPurpose,
  FieldSpec,
  FieldType,
  IdNormaliser,
  LegalBasis,
  MaskKind,
  Purpose,
  Retention,
  Search,
  SearchKind,
} from './catalog.ts';
export { DATA_CLASSES } from './catalog.ts';
export { createDiscovery, type Discovery } from './discovery/discovery.ts';
export { createGate, type Gate } from './gate/gate.ts';
export { createGateCounts, type GateCounts } from './gate/gate-counts.ts';
export { readGateReport, type GateReport } from './gate/gate-report.ts';
export { dataMap, type DataMap } from './record/data-map.ts';
export { recordOfProcessing, type RecordOfProcessing } from './record/record-of-processing.ts';
export { collectionRoutes } from './http/index.ts';
export { versionEvent } from './http/versions.ts';
export { createKeepers, createRetention, type Retention as RetentionEngine } from './retention/index.ts';
export { retentionRoutes } from './http/retention.ts';
export { holdRoutes } from './http/holds.ts';
export { compareScan, declaredIn, type Binding, type DeclaredCollection, type Drift } from './scan/drift.ts';
export { examineTable } from './scan/examine-table.ts';
export { namesSomething } from './scan/field-guess.ts';
export { proposeCatalog } from './scan/propose-catalog.ts';
export type { ScanReport, TableReport } from './scan/scan-report.ts';
export { createTextFindings } from './scan/text-findings.ts';
export { createTextTally, type TextTally } from './scan/text-tally.ts';
export { reviewRoutes } from './http/review.ts';
export { createReview, type Review as FieldReview } from './review/review.ts';
export { editCatalog } from './review/edit-catalog.ts';
export { createExports, type Exports } from './export/index.ts';
export { exportRoutes } from './http/exports.ts';
