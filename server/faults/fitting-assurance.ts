/** What fits the routes of assurance. */
import type { Fitting } from './fitting-requests.ts';

const finding = { id: 'fnd_00000000000000000000000000' };
const arm = { id: 'arm_00000000000000000000000000' };
const engagement = { id: 'eng_00000000000000000000000000' };
const run = { id: 'run_00000000000000000000000000' };

export const ASSURANCE_REQUESTS: Readonly<Record<string, Fitting>> = {
  listControlTests: { role: 'auditor' },
  getPosture: { role: 'auditor' },
  beginRun: { role: 'security', body: { tests: ['NOBODY-99'] } },
  listRuns: { role: 'auditor' },
  getRun: { role: 'auditor', path: run },
  stopRun: { role: 'security', path: run },
  getControlEvidence: { role: 'auditor', path: { hash: '0'.repeat(64) } },
  pullSwitch: { role: 'security', body: { reason: 'a migration' } },
  releaseSwitch: { role: 'security' },
  listArms: { role: 'auditor' },
  proposeArm: { role: 'security', body: { kinds: ['attack'], days: 7, reason: 'the yearly test' } },
  approveArm: { role: 'dpo', path: arm },
  endArm: { role: 'dpo', path: arm },
  listFindings: { role: 'auditor', query: 'state=open&limit=10' },
  getFinding: { role: 'auditor', path: finding },
  changeFinding: { role: 'security', path: finding, body: { version: 1, note: 'looked at it', move: 'triage', severity: 'high', owner: 'per_00000000000000000000000000', duplicateOf: 'fnd_00000000000000000000000001', justification: 'component_not_present', anchor: '1.2.3' } },
  proposeAcceptance: { role: 'security', path: finding, body: { version: 1, days: 30, control: 'the port is closed', reason: 'no fix yet' } },
  approveAcceptance: { role: 'dpo', path: finding, body: { version: 1, note: 'until the release' } },
  refuseAcceptance: { role: 'dpo', path: finding, body: { version: 1, note: 'mend it' } },
  takeReport: { role: 'security', query: 'format=csv&asset=web', headers: { 'content-type': 'application/octet-stream' }, body: 'rule,title,severity,asset,place\nx:1,An open port,low,web,tcp/23\n' },
  listTakenReports: { role: 'auditor' },
  loadFeed: { role: 'security', path: { feed: 'kev' }, headers: { 'content-type': 'application/octet-stream' }, body: '{"dateReleased":"2026-11-01T00:00:00Z","vulnerabilities":[]}' },
  listScanners: { role: 'auditor' },
  beginScans: { role: 'security', body: { scanners: ['nobody'] } },
  stopScans: { role: 'security' },
  listEngagements: { role: 'auditor' },
  getEngagement: { role: 'auditor', path: engagement },
  proposeEngagement: { role: 'security', body: { title: 'The yearly test', tester: 'A firm', scope: 'the console', rules: 'no customers', sources: ['192.0.2.0/28'], startsAt: '2026-11-27T00:00:00Z', days: 14 } },
  approveEngagement: { role: 'dpo', path: engagement },
  endEngagement: { role: 'dpo', path: engagement },
  giveEngagementKey: { role: 'security', path: engagement, body: { role: 'support' } },
  reportEngagement: { role: 'auditor', path: engagement },
  takeEngagementReport: { role: 'security', path: engagement, query: 'format=csv&asset=web', headers: { 'content-type': 'application/octet-stream' }, body: 'rule,title,severity,asset,place\nx:1,An open port,low,web,tcp/23\n' },
  noteFinding: { role: 'security', body: { title: 'A way around the sign-in', description: 'reported by mail', severity: 'high', asset: 'the console', place: '/sign-in', reporter: 'somebody outside' } },
  securityTxt: { role: 'admin' },
  takeVex: { role: 'security', headers: { 'content-type': 'application/octet-stream' }, body: '{"@context":"https://openvex.dev/ns/v0.2.0","statements":[]}' },
  getFeeds: { role: 'auditor' },
  exportAssurance: { role: 'auditor', path: { name: 'sarif' } },
}; // prettier-ignore
