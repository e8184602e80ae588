/** What fits the routes of backups. */
import type { Fitting } from './fitting-requests.ts';

const path = { fingerprint: '0123456789abcdef' };

export const BACKUPS_REQUESTS: Readonly<Record<string, Fitting>> = {
  backupsStatus: { role: 'security' },
  backupsTimeline: { role: 'auditor', query: 'days=7' },
  backupsReport: { role: 'auditor', query: 'days=7' },
  backupsReportPdf: { role: 'auditor', query: 'days=7' },
  backupsCoverSheet: { role: 'auditor', path },
  listBackups: { role: 'security', query: 'limit=10' },
  listSegments: { role: 'security', query: 'limit=10' },
  getBackup: { role: 'security', path: { id: 'bak_00000000000000000000000000' } },
  runBackup: { role: 'engineer', body: { plane: 'data' } },
  beginDrill: { role: 'engineer' },
  listDrills: { role: 'security', query: 'limit=10' },
  getDrill: { role: 'security', path: { id: 'drl_00000000000000000000000000' } },
  verifyBackups: { role: 'engineer', body: { objects: 10 } },
  pruneBackups: { role: 'custodian', body: { mode: 'dry-run' } },
  trustRecipient: { role: 'custodian', body: { recipient: 'age1pq1', kind: 'drill' } },
  retireRecipient: { role: 'custodian', path },
  proveRecipient: { role: 'custodian', path },
  noteDrill: { role: 'engineer', body: { signed: '{}' } },
};
