/** What fits the routes of the education practice. */
import type { Fitting } from './fitting-requests.ts';

export const educationRequests = (): Readonly<Record<string, Fitting>> => ({
  listTexts: { role: 'auditor' },
  readText: { role: 'dpo', path: { kind: 'lesson', id: 'phishing' } },
  // a text that has faults is refused with all of them
  publishText: { role: 'dpo', body: { kind: 'policy', source: 'no text', replaces: null, material: true } },
});
