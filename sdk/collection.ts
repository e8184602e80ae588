/** The catalogue: what is held and why, and its versions, which another approves. */
import type {
  ActivatedCatalog,
  DataMap,
  GateReport,
  CatalogChanges,
  CatalogView,
  CatalogVersion,
  DecidedDrift,
  DriftDecision,
  LintedCatalog,
  ProposedCatalog,
  KeptScan,
  KeptScans,
  RecordOfProcessing,
  ScanHandedIn,
} from './contract.ts';
import type { CallOptions, Transport } from './transport.ts';

export type Collection = {
  /** What is held: collections, fields with class and search, purposes. No customer. */
  catalog: (options?: CallOptions) => Promise<CatalogView>;
  /** Newest first. */
  versions: (options?: CallOptions) => Promise<Readonly<{ versions: readonly CatalogVersion[] }>>;
  /** @param id a version, or `active` */
  version: (id: string, options?: CallOptions) => Promise<CatalogVersion & Readonly<{ document: string }>>;
  /** What a version changes, against the one it was proposed on. */
  diff: (id: string, options?: CallOptions) => Promise<CatalogChanges>;
  /** What is wrong with a catalog.yaml, and what it would change; nothing is kept. */
  lint: (document: string, options?: CallOptions) => Promise<LintedCatalog>;
  /** @param basedOn the version it was made from: refused when another one holds by now */
  propose: (document: string, note: string, basedOn?: string | null, options?: CallOptions) => Promise<ProposedCatalog>;
  /** @param hash of what was looked at */
  approve: (id: string, hash: string, options?: CallOptions) => Promise<CatalogVersion>;
  /** Holds from the next request on, on every server. */
  activate: (id: string, options?: CallOptions) => Promise<ActivatedCatalog>;
  /** What the gate found in the last days (30), and what enforce would have refused. */
  gate: (days?: number, options?: CallOptions) => Promise<GateReport>;
  /** The record of processing (GDPR art. 30), from what is enforced. */
  record: (options?: CallOptions) => Promise<RecordOfProcessing>;
  /** The same as CSV. */
  recordCsv: (options?: CallOptions) => Promise<string>;
  /** The same as PDF. */
  recordPdf: (options?: CallOptions) => Promise<Uint8Array>;
  /** Where data comes from, what it is held for, to whom it goes. */
  dataMap: (options?: CallOptions) => Promise<DataMap>;
  /** Keeps what a scan found; `strongroom collection scan --report` does. The same again is the one that is kept. */
  reportScan: (scan: ScanHandedIn, options?: CallOptions) => Promise<KeptScan>;
  /** Newest first; of the newest of each source how it differs from the catalogue. */
  scans: (options?: CallOptions) => Promise<KeptScans>;
  scan: (id: string, options?: CallOptions) => Promise<KeptScan>;
  decideDrift: (id: string, drift: string, decision: DriftDecision, options?: CallOptions) => Promise<DecidedDrift>;
};

export function createCollection({ json, stream }: Transport): Collection {
  const path = '/v1/collection/versions';
  const record = '/v1/collection/record-of-processing';
  const scans = '/v1/collection/scans';
  const of = (id: string): string => `${path}/${encodeURIComponent(id)}`;
  return {
    catalog: (options) => json({ method: 'GET', path: '/v1/collection/catalog', does: 'read' }, options),
    versions: (options) => json({ method: 'GET', path, does: 'read' }, options),
    version: (id, options) => json({ method: 'GET', path: of(id), does: 'read' }, options),
    diff: (id, options) => json({ method: 'GET', path: `${of(id)}/diff`, does: 'read' }, options),
    lint: (document, options) =>
      json({ method: 'POST', path: '/v1/collection/lint', json: { document }, does: 'read' }, options),
    propose: (document, note, basedOn = null, options) =>
      json(
        { method: 'POST', path, json: { document, note, ...(basedOn === null ? {} : { basedOn }) }, does: 'change' },
        options,
      ),
    approve: (id, hash, options) =>
      json({ method: 'POST', path: `${of(id)}/approve`, json: { hash }, does: 'change' }, options),
    activate: (id, options) => json({ method: 'POST', path: `${of(id)}/activate`, does: 'change' }, options),
    gate: (days = 30, options) =>
      json({ method: 'GET', path: '/v1/collection/gate', query: { days: String(days) }, does: 'read' }, options),
    record: (options) => json({ method: 'GET', path: record, does: 'read' }, options),
    recordCsv: async (options) => {
      const call = { method: 'GET', path: `${record}.csv`, accept: 'text/csv', does: 'read' } as const;
      return (await stream(call, options)).text();
    },
    recordPdf: async (options) => {
      const call = { method: 'GET', path: `${record}.pdf`, accept: 'application/pdf', does: 'read' } as const;
      return new Uint8Array(await (await stream(call, options)).arrayBuffer());
    },
    reportScan: (scan, options) => json({ method: 'POST', path: scans, json: scan, does: 'change' }, options),
    scans: (options) => json({ method: 'GET', path: scans, does: 'read' }, options),
    scan: (id, options) => json({ method: 'GET', path: `${scans}/${encodeURIComponent(id)}`, does: 'read' }, options),
    decideDrift: (id, drift, decision, options) =>
      json(
        {
          method: 'POST',
          path: `${scans}/${encodeURIComponent(id)}/drifts/${encodeURIComponent(drift)}/decide`,
          json: decision,
          does: 'change',
        },
        options,
      ),
    dataMap: (options) => json({ method: 'GET', path: '/v1/collection/data-map', does: 'read' }, options),
  };
}
