/** Requests that fit the routes of exports (fitting-requests.ts). */
import type { Fitting } from './fitting-requests.ts';

const PATH = { id: 'exp_0' };

export const EXPORTS: Readonly<Record<string, Fitting>> = {
  myExportRequests: { role: 'person' },
  listExportRequests: { role: 'security', decidedFirst: true },
  requestExport: { role: 'person', body: { purpose: 'service.support', reason: 'a reason' } },
  approveExportRequest: { role: 'security', decidedFirst: true, path: { id: 'erq_0' } },
  denyExportRequest: { role: 'security', decidedFirst: true, path: { id: 'erq_0' } },
  listExportProfiles: { role: 'dpo' },
  proposeExportProfile: {
    role: 'dpo',
    body: {
      name: 'p',
      kind: 'records',
      collection: 'customer',
      purpose: 'analytics.product',
      recipient: { name: 'desk', where: 'inside' },
      fields: { city: { as: 'clear', role: 'quasi', steps: ['prefix:3'] } },
      k: 2,
      l: 1,
      maxSuppressedPercent: 5,
    },
  },
  approveExportProfile: { role: 'dpo', path: PATH, body: { hash: '0'.repeat(64) } },
  retireExportProfile: { role: 'dpo', path: PATH },
  runExport: { role: 'dpo', path: PATH },
  listExportRuns: { role: 'dpo' },
  countPeople: { role: 'dpo', path: PATH, body: { by: ['city'], epsilonMilli: 100, round: 'a' } },
  listCounts: { role: 'dpo' },
};
