/** For each route of the collection practice one request that fits: fitting-requests.ts. */
import type { Fitting } from './fitting-requests.ts';
import { fittingRetention } from './fitting-retention.ts';

const CATALOG: Readonly<Record<string, Fitting>> = {
  readCatalog: { role: 'admin' },
  listCatalogs: { role: 'admin' },
  getCatalog: { role: 'admin', path: { id: 'active' } },
  diffCatalog: { role: 'admin', path: { id: 'active' } },
  recordOfProcessing: { role: 'admin' },
  recordOfProcessingCsv: { role: 'admin' },
  recordOfProcessingPdf: { role: 'admin' },
  dataMap: { role: 'admin' },
  gateReport: { role: 'admin', query: 'days=30' },
  lintCatalog: { role: 'admin', body: { document: 'schema: strongroom/catalog/1' } },
  proposeCatalog: { role: 'admin', body: { document: 'none', note: 'a note', basedOn: 'cat_0' } },
  approveCatalog: { role: 'dpo', path: { id: 'cat_0' }, body: { hash: '0'.repeat(64) } },
  activateCatalog: { role: 'dpo', path: { id: 'cat_0' } },
};

export const fittingCollection = (
  known: Parameters<typeof fittingRetention>[0],
): Readonly<Record<string, Fitting>> => ({ ...CATALOG, ...fittingRetention(known) });
