/** catalog.yaml → Catalog: read, check the shape, resolve, check the meaning, name the version. */
import {
  BUILT_IN_EVENTS,
  type Catalog,
  type CollectionSpec,
  type FieldSpec,
  type Purpose,
  type Recipient,
} from './catalog.ts';
import { problemText, type CatalogProblem, type Report } from './catalog-problem.ts';
import type { CatalogFile, CollectionFile } from './catalog-shape.ts';
import { catalogVersion } from './catalog-version.ts';
import { readCatalogYaml } from './catalog-yaml.ts';
import { collectionFailure } from './failures.ts';
import { checkCountry, checkName, resolveAttachments, resolveField } from './resolve-field.ts';
import { resolvePurposes } from './resolve-purposes.ts';
import { resolveRetention } from './retention.ts';

/** `warnings`: what is no fault, and should be looked at before anybody approves. */
export type LintedCatalog =
  | Readonly<{ ok: true; catalog: Catalog; problems: readonly []; warnings: readonly CatalogProblem[] }>
  | Readonly<{ ok: false; catalog: null; problems: readonly CatalogProblem[]; warnings: readonly CatalogProblem[] }>;

const EVENT_ID = /^[a-z][a-z0-9_]{0,30}(?:\.[a-z][a-z0-9_]{0,30}){0,5}$/;

/**
 * @param source text of catalog.yaml, at most 4 Mi characters
 * @returns the catalogue, or all that is wrong with it in the order of its lines
 */
export function lintCatalog(source: string): LintedCatalog {
  const { file, problems, warnings, report, warn } = readCatalogYaml(source);
  const catalog = file === null ? null : resolveCatalog(file, report, warn);
  if (problems.length > 0 || catalog === null)
    return { ok: false, catalog: null, problems: byLine(problems), warnings: byLine(warnings) };
  return { ok: true, catalog, problems: [], warnings: byLine(warnings) };
}

/**
 * @param options.file name to show in messages
 * @throws COLLECTION_CATALOG_INVALID with every problem in its message and in `extra.problems`
 */
export function parseCatalog(source: string, { file = 'catalog.yaml' }: Readonly<{ file?: string }> = {}): Catalog {
  const linted = lintCatalog(source);
  if (linted.ok) return linted.catalog;
  const lines = linted.problems.map((problem) => problemText(problem, file));
  throw collectionFailure('CATALOG_INVALID', {
    detail: `the catalogue is not valid: ${lines.join('; ')}`,
    extra: { file, problems: linted.problems },
  });
}

const byLine = (problems: readonly CatalogProblem[]): CatalogProblem[] =>
  problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));

function resolveCatalog(file: CatalogFile, report: Report, warn: Report): Catalog {
  const purposes = resolvePurposes(file.purposes, report);
  const events = new Map(BUILT_IN_EVENTS);
  for (const [id, title] of Object.entries(file.events ?? {})) {
    if (!EVENT_ID.test(id))
      report(
        ['events', id],
        'this is not an event id',
        'write parts of small letters, digits and _, joined by dots: account.closed',
      );
    if (BUILT_IN_EVENTS.has(id))
      report(['events', id], 'this event is built in', 'remove it: the system knows when it happens');
    events.set(id, title);
  }
  const collections = new Map<string, CollectionSpec>();
  for (const [name, declared] of Object.entries(file.collections)) {
    collections.set(name, resolveCollection(name, declared, { purposes, events, report, warn }));
  }
  const recipients = new Map<string, Recipient>();
  for (const [id, { title, country = null, safeguard = null }] of Object.entries(file.recipients ?? {})) {
    if (country !== null) checkCountry(country, ['recipients', id, 'country'], report);
    recipients.set(id, { title, country, safeguard });
  }
  const resolved = { title: file.title ?? null, purposes, events, collections, recipients };
  return { version: catalogVersion(resolved), ...resolved };
}

function resolveCollection(
  name: string,
  file: CollectionFile,
  {
    purposes,
    events,
    report,
    warn,
  }: Readonly<{
    purposes: ReadonlyMap<string, Purpose>;
    events: ReadonlyMap<string, string>;
    report: Report;
    warn: Report;
  }>,
): CollectionSpec {
  const at = ['collections', name];
  checkName(name, at, report);
  if (file.country !== undefined) checkCountry(file.country, [...at, 'country'], report);
  if (file.retention !== undefined) resolveRetention(file.retention, [...at, 'retention'], events, report);
  const fields = new Map<string, FieldSpec>();
  const around = { purposes, events, retention: file.retention, country: file.country, report, warn };
  for (const [fieldName, declared] of Object.entries(file.fields)) {
    fields.set(fieldName, resolveField(fieldName, declared, [...at, 'fields', fieldName], around));
  }
  if (fields.size === 0) report([...at, 'fields'], 'the collection has no fields', 'declare at least one');
  return {
    name,
    title: file.title,
    description: file.description ?? null,
    owner: file.owner,
    subjectCategory: file.subject?.category ?? name,
    externalId: { name: file.externalId.name, normalise: file.externalId.normalise ?? 'exact' },
    fields,
    attachments:
      file.attachments === undefined ? null : resolveAttachments(file.attachments, [...at, 'attachments'], around),
    gate: file.gate ?? null,
  };
}
