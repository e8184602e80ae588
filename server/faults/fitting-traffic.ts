/** What fits the routes of traffic. */
import type { Fitting } from './fitting-requests.ts';

const path = { id: 'case_00000000000000000000000000' };
const RULE = `title: Somebody asks for what is not there
id: 3b1f0f0e-0c55-4a0c-9f39-8a8f1f3a7a11
logsource:
  category: webserver
detection:
  selection:
    sc-status: 404
  condition: selection
level: low
`;

export const trafficRequests = (subjectId: string): Readonly<Record<string, Fitting>> => ({
  trafficLive: { role: 'security', query: 'minutes=60' },
  listSensors: { role: 'auditor' },
  findEvents: { role: 'security', query: 'from=2026-01-01T00:00:00Z&limit=10' },
  sendLines: {
    role: 'engineer',
    path: { name: 'shop' },
    body: { format: 'access-log', lines: ['192.0.2.9 - - [26/Nov/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 12 "-" "-"'] },
  },
  listCases: { role: 'security', query: 'state=all&limit=10' },
  getCase: { role: 'security', path },
  getEvidence: { role: 'security', path, query: 'alert=rule:key:1' },
  takeCase: { role: 'security', path, body: { takeOver: true } },
  noteCase: { role: 'security', path, body: { text: 'asked the team' } },
  closeCase: { role: 'security', path, body: { verdict: 'benign', note: 'a batch job' } },
  actOnCase: { role: 'security', path, body: { action: 'throttle', seconds: 600, reason: 'until it is known who it is' } },
  listSuppressions: { role: 'security' },
  suppress: { role: 'security', body: { rule: 'behaviour.enumeration', about: 'address 192.0.2.9', days: 7, reason: 'our scanner' } },
  endSuppression: { role: 'security', path: { id: 'sup_00000000000000000000000000' } },
  listRules: { role: 'security' },
  getRule: { role: 'security', path: { id: '3b1f0f0e-0c55-4a0c-9f39-8a8f1f3a7a11' } },
  trafficActor: { role: 'security', path: { id: 'key_00000000000000000000000000' }, query: 'days=7' },
  putRule: { role: 'security', body: { text: RULE } },
  testRule: { role: 'security', body: { text: RULE, hours: 1 } },
  setRuleState: { role: 'security', path: { id: '3b1f0f0e-0c55-4a0c-9f39-8a8f1f3a7a11' }, body: { state: 'off', reason: 'too loud' } },
  removeRule: { role: 'security', path: { id: '3b1f0f0e-0c55-4a0c-9f39-8a8f1f3a7a12' } },
  listPlaybooks: { role: 'security' },
  putPlaybooks: { role: 'security', body: { playbooks: [{ rule: null, severity: 'critical', action: 'throttle', seconds: 600, mode: 'shadow', perHour: 5 }] } },
  listMeasures: { role: 'security' },
  takeMeasure: { role: 'security', body: { kind: 'block-address', target: '203.0.113.9', seconds: 600, reason: 'scans us' } },
  endMeasure: { role: 'security', path: { id: 'msr_00000000000000000000000000' } },
  listHoney: { role: 'security' },
  plantHoney: { role: 'security', body: { subjectId, note: 'nobody has a reason' } },
  removeHoney: { role: 'security', path: { id: 'hny_00000000000000000000000000' } },
}); // prettier-ignore
