/** For each route of the collection practice one request that fits: fitting-requests.ts. */
import type { Fitting } from './fitting-requests.ts';
import { EXPORTS } from './fitting-exports.ts';
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
  listScans: { role: 'dpo' },
  getScan: { role: 'dpo', path: { id: 'scan_0' } },
  // from the future: what fits in every other way is refused as well, and nothing is kept
  reportScan: {
    role: 'dpo',
    body: {
      report: {
        schema: 'strongroom/scan/1', source: 'crm.csv', kind: 'csv', startedAt: '2999-01-01T00:00:00Z', seconds: 1,
        tables: [
          {
            name: 'crm.csv', kind: 'file', rows: 1, sampled: 1,
            columns: [
              {
                name: 'mail', sqlType: 'text', key: 'primary', type: 'email', detail: 'd', class: 'personal', level: 'certain', confidence: 1,
                prevalence: { share: 1, low: 1, high: 1, of: 1 }, reasons: [{ says: 'so', adds: 1 }],
                inText: [{ type: 'email', prevalence: { share: 1, low: 1, high: 1, of: 1 } }],
              },
            ],
          },
        ],
        missing: [{ name: 'x', because: 'y' }], warnings: ['z'],
      },
      scope: 'crm.csv',
      binding: { table: 't', collection: 'customer', columns: { mail: 'email' }, ignore: ['id'] },
    },
  }, // prettier-ignore
  decideDrift: {
    role: 'dpo',
    path: { id: 'scan_0', drift: `drift_${'0'.repeat(32)}` },
    body: { decision: 'ignored', reason: 'a reason', reviewBy: '2099-01-01' },
  },
  lintCatalog: { role: 'admin', body: { document: 'schema: strongroom/catalog/1' } },
  proposeCatalog: { role: 'admin', body: { document: 'none', note: 'a note', basedOn: 'cat_0' } },
  approveCatalog: { role: 'dpo', path: { id: 'cat_0' }, body: { hash: '0'.repeat(64) } },
  activateCatalog: { role: 'dpo', path: { id: 'cat_0' } },
};

export const fittingCollection = (
  known: Parameters<typeof fittingRetention>[0],
): Readonly<Record<string, Fitting>> => ({ ...CATALOG, ...EXPORTS, ...fittingRetention(known) });
