/** What fits the routes of the education practice. */
import type { Fitting, Known } from './fitting-requests.ts';

const INCIDENT = 'inc_00000000000000000000000000';
const SCOPE = 'scp_00000000000000000000000000';
const UNTIL = '2099-01-01T00:00:00Z';

export const educationRequests = ({ personId }: Known): Readonly<Record<string, Fitting>> => ({
  listTexts: { role: 'auditor' },
  readText: { role: 'dpo', path: { kind: 'lesson', id: 'phishing' } },
  listPhishTemplates: { role: 'auditor' },
  listExercises: { role: 'auditor' },
  getExercise: { role: 'auditor', path: { id: 'exr_00000000000000000000000000' } },
  planExercise: {
    role: 'dpo',
    body: { name: 'March', template: 'parcel-fee', mode: 'groups', from: '2030-03-04T09:00:00Z', until: '2030-03-08T17:00:00Z', roles: ['support'], people: [{ id: 'per_00000000000000000000000000', zone: 'Europe/Berlin' }] },
  }, // prettier-ignore
  stopExercise: { role: 'dpo', path: { id: 'exr_00000000000000000000000000' } },
  reportMail: { role: 'security', body: { text: 'https://portal.example.net/what-is-this', channel: 'button' } },
  listReports: { role: 'security' },
  judgeReport: { role: 'security', path: { id: 'rep_00000000000000000000000000' }, body: { verdict: 'harmless' } },
  ownExercises: { role: 'person' },
  reportIncident: {
    role: 'security',
    body: { what: 'a phone is gone', kind: 'lost-device', happenedAt: '2026-01-01T00:00:00Z' },
  },
  listIncidents: { role: 'auditor' },
  readIncidentRegister: { role: 'auditor' },
  getIncident: { role: 'auditor', path: { id: INCIDENT } },
  changeIncident: { role: 'security', path: { id: INCIDENT }, body: { kind: 'note', text: 'a note', version: 1 } },
  askScope: {
    role: 'security',
    path: { id: INCIDENT },
    body: {
      actors: ['key_00000000000000000000000000'],
      grants: [],
      requests: [],
      from: '2026-01-01T00:00:00Z',
      to: '2026-01-02T00:00:00Z',
    },
  },
  listScopes: { role: 'auditor', path: { id: INCIDENT } },
  scopeSubjects: { role: 'auditor', path: { id: INCIDENT, scope: SCOPE } },
  scopeProof: { role: 'auditor', path: { id: INCIDENT, scope: SCOPE, entry: '1' } },
  draftAuthorityNotice: { role: 'dpo', path: { id: INCIDENT } },
  draftSubjectNotices: { role: 'dpo', path: { id: INCIDENT, scope: SCOPE } },
  // a text that has faults is refused with all of them
  publishText: { role: 'dpo', body: { kind: 'policy', source: 'no text', replaces: null, material: true } },
  myTraining: { role: 'person' },
  myExercises: { role: 'person' },
  myExercise: { role: 'person', path: { id: 'find-a-caller' } },
  beginExercise: { role: 'person', path: { id: 'no-such-exercise' } },
  handInExercise: { role: 'person', path: { id: 'exa_00000000000000000000000000' } },
  giveUpExercise: { role: 'person', path: { id: 'exa_00000000000000000000000000' } },
  readCourse: { role: 'person', path: { id: 'phishing' } },
  beginSitting: { role: 'person', path: { id: 'phishing' } },
  handInSitting: { role: 'person', path: { id: 'sit_0' }, body: { answers: [[0]] } },
  readEducationPolicy: { role: 'person', path: { id: 'access' } },
  signPolicy: { role: 'person', path: { id: 'access' }, body: { hash: 'A'.repeat(43), locale: 'en', answers: [0] } },
  myCertificates: { role: 'person' },
  certificatePdf: { role: 'person', path: { id: 'crt_00000000000000000000000000' } },
  listCertificates: { role: 'auditor', path: { id: personId } },
  copyCertificate: {
    role: 'security',
    path: { id: 'crt_00000000000000000000000000' },
    body: { because: 'audit', zone: 'Europe/Berlin' },
  },
  checkCertificate: { role: 'admin', body: { id: 'crt_00000000000000000000000000', name: 'Ada' } },
  listPackages: { role: 'auditor' },
  takePackage: {
    role: 'dpo',
    path: { id: 'bought' },
    query: 'minutes=20&validityDays=0&material=yes&locale=de',
    headers: { 'content-type': 'application/zip' },
    body: 'no zip',
  },
  sayPackageCounts: { role: 'dpo', path: { id: 'bought' }, body: { counts: true } },
  beginCourseRun: { role: 'person', path: { id: 'bought' } },
  tellCourseRun: { role: 'person', path: { id: 'run_0' }, body: { status: 'passed', score: 90, saved: null } },
  signatureReceipt: { role: 'person', path: { id: 'access' } },
  trainingCoverage: { role: 'auditor' },
  assignTraining: { role: 'security', body: { people: [personId], kind: 'course', id: 'phishing' } },
  revokeTraining: { role: 'security', body: { person: personId, kind: 'course', id: 'phishing', because: 'a reason' } },
  noteAbsence: { role: 'security', body: { person: personId, from: '2026-01-01T00:00:00Z', until: UNTIL } },
  endAbsence: { role: 'security', path: { id: 'abs_0' }, body: { until: UNTIL } },
  listAbsences: { role: 'auditor' },
  listExemptions: { role: 'auditor' },
  askExemption: {
    role: 'security',
    body: { person: personId, kind: 'policy', id: 'access', until: UNTIL, because: 'a reason' },
  },
  approveExemption: { role: 'dpo', path: { id: 'exm_0' } },
  endExemption: { role: 'dpo', path: { id: 'exm_0' } },
});
