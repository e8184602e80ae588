/** A draft says no more than is so: what is not contained is not ended, and days are those of the place. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createZone } from '../standing/zone.ts';
import { subjectNotice, whatLeft, type Controller } from './notices.ts';

const zone = createZone('Europe/Berlin');
const EX = { name: 'Ex', contact: 'dpo@example.com' };
const draft = (language: 'en' | 'de', phase: string, lastAt = '2026-05-02T22:30:00Z', controller: Controller = EX): string =>
  subjectNotice(language, { receipt: 'INC-2026-1', phase, zone, controller }, { fields: ['last_name', 'iban'], firstAt: '2026-05-01T22:30:00Z', lastAt }); // prettier-ignore

test('the access is said to be ended only once it was contained', () => {
  for (const phase of ['triage', 'contain']) {
    assert.match(draft('en', phase), /we are ending the access/);
    assert.match(draft('de', phase), /Wir beenden den Zugriff/);
  }
  for (const phase of ['scope', 'notify', 'closed']) {
    assert.match(draft('en', phase), /the access was ended/);
    assert.match(draft('de', phase), /Der Zugriff ist beendet/);
  }
});

test('days are those of the place, one day is one, and fields are words', () => {
  assert.match(draft('en', 'scope'), /Between May 2, 2026 and May 3, 2026 somebody/);
  assert.match(draft('en', 'scope', '2026-05-02T10:00:00Z'), /\nOn May 2, 2026 somebody/);
  assert.match(draft('de', 'scope'), /Zwischen dem 2\. Mai 2026 und dem 3\. Mai 2026 hatte/);
  assert.match(draft('de', 'scope'), /last name, iban/);
});

test('a letter of nobody who is named has no hole where the name and the contact would stand', () => {
  for (const language of ['en', 'de'] as const) {
    const named = draft(language, 'scope');
    const unnamed = draft(language, 'scope', undefined, { name: null, contact: null });

    assert.match(named, /^.* (at|bei) Ex: /);
    assert.match(named, /dpo@example\.com, (reference|Zeichen) INC-2026-1\./);
    assert.match(unnamed, /^(Your data|Ihre Daten): /);
    assert.match(unnamed, /(reference|Zeichen) INC-2026-1\./);
    assert.doesNotMatch(unnamed, /—|null|operator|: ,| (at|bei) (us|uns)\b/);
  }
});

test('whoever lost a file beside some fields is told of both, and a letter of nothing but that they are known has no hole', () => {
  const lost = { clear: ['last_name'], masked: ['iban'], classes: { clear: ['personal', 'special'], masked: ['sensitive'] } };
  const all = ['last_name', 'iban', 'personal data', 'special data', 'sensitive data'];

  assert.deepEqual(whatLeft({ ...lost, actions: ['vault.export', 'vault.read'] }), ['last_name', 'iban']);
  for (const action of ['vault.download', 'vault.detokenise', 'privacy.request.read'])
    assert.deepEqual(whatLeft({ ...lost, actions: [action, 'vault.read'] }), all, action);
  const known = whatLeft({ clear: [], masked: [], classes: { clear: [], masked: [] }, actions: ['vault.find'] });

  for (const [language, says] of [['en', 'It was seen that we hold data about you.'], ['de', 'Zu sehen war, dass wir Daten über Sie haben.']] as const) {
    const text = subjectNotice(language, { receipt: 'INC-2026-1', phase: 'scope', zone, controller: EX }, { fields: known, firstAt: '2026-05-01T22:30:00Z', lastAt: '2026-05-01T22:30:00Z' });
    assert.ok(text.includes(says), text);
    assert.doesNotMatch(text, /: \./);
  }
}); // prettier-ignore
