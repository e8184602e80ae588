/** Each action that the code writes into the log is known to incidents: data of customers leaves by it, or none does. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { LEAVES } from '#practices/education';

/** By these nothing of a customer leaves: who works here, settings, numbers, and what is done to data without showing it. */
const NOTHING =
  /^(access|assurance|audit|backups)\.|^collection\.(catalog|count|event|export|hold|retention|review|scan)\.?|^education\.(assign|certificate|course|drill|exercise|grace|history|incident|intake|package|part|run|phishing|policy|report|require|sitting|text|violation|revoke|revocations|lapsed|restored|lapse)\b|^keys\.rotate$|^privacy\.(assert|consent|copy\.incomplete|notice\.(drift|publish)|request(\.due)?|restriction\.end|tcf\.set)$|^privacy\.request\.$|^traffic\.(honey|inspection|playbooks|rule|suppress|unsuppress|response|case|alert|measure)\b|^vault\.(attach|canaries|change|delete|detach|erase|expire|intake|intake\.key|reencrypt|restrict|retire|rotate|stop|unrestrict|verify|write)$|^vault\.$/;
/** What a policy is asked, not what the log is told. */
const ASKED =
  /^(cases\.work|consents\.read|grants\.\w+|intake\.submit|incidents\.\w+|violations\.\w+|measures\.take|people\.manage|records\.\w+|rights\.read|subjects\.\w+|system\.inspect|tokens\.\w+|traffic\.read)$/;

test('no action is written into the log that incidents do not know: new ones stand in leaves.ts, or here', () => {
  const root = join(import.meta.dirname, '..');
  const written = new Set<string>();
  for (const folder of ['platform', 'practices', 'server'])
    for (const file of readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts') || /(tests?|testing)\.ts$|(^|\/)testing-[^/]*\.ts$/.test(file)) continue;
      const text = readFileSync(join(root, folder, file), 'utf8');
      for (const [, rest] of text.matchAll(/\baction(?:: |:\n\s+)([^,;]{1,300})/g))
        for (const [, action] of (rest as string).matchAll(/['`]([a-z]+(?:\.[a-z-]+)*\.(?:[a-z-]+|(?=\$\{)))/g)) written.add(action as string);
    }
  assert.ok(written.size > 80 && written.has('vault.export') && written.has('education.incident.'), `${written.size}`);
  const unknown = [...written].filter((action) => !LEAVES.test(action) && !NOTHING.test(action) && !ASKED.test(action));
  assert.deepEqual(unknown, []);
  // those that tell of customers beside what the vault has
  for (const action of ['education.incident.read', 'education.incident.subjects', 'education.reports.read', 'mail.read', 'traffic.events.read', 'privacy.request.read'])
    assert.ok(LEAVES.test(action), action);
  for (const action of ['education.incident.note', 'vault.write', 'collection.count', 'privacy.request']) assert.ok(!LEAVES.test(action), action);
}); // prettier-ignore
