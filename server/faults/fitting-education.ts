/** What fits the routes of the education practice. */
import type { Fitting } from './fitting-requests.ts';

export const educationRequests = (): Readonly<Record<string, Fitting>> => ({
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
  // a text that has faults is refused with all of them
  publishText: { role: 'dpo', body: { kind: 'policy', source: 'no text', replaces: null, material: true } },
});
