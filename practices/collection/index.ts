/** collection: keep only what is needed. So far the catalogue; issue D adds the gate, discovery, review, retention. */
export { checkText, checkValue, MAX_VALUE_BYTES, type CheckedValue } from './check-value.ts';
export { diffCatalogs, type CatalogChange, type CatalogDiff, type ChangeEffect } from './diff-catalogs.ts';
export { createCatalog, type CatalogNeeds, type LiveCatalog } from './live-catalog.ts';
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
export { collectionRoutes } from './http.ts';
