import assert from 'node:assert/strict';
import { test } from 'node:test';

import { eventOf, type Observed } from '../event.ts';
import { ownHoneyDetector } from './own-honey.ts';

const TOKEN = 'srk_planted_0123456789';
const feed = (observed: Partial<Observed>) =>
  ownHoneyDetector({ hasTokens: () => true, isHoneyToken: (word) => word === TOKEN }).feed(
    eventOf({ log_name: 'feed.shop', product: 'nginx' }, { class: 'http', uid: 'e', time: 1, src_endpoint: { ip: '192.0.2.9' }, ...observed }, 1),
  ); // prettier-ignore
const asked = (url: { path: string; query_string?: string }, agent = 'x') => ({
  http_request: { http_method: 'GET', url, user_agent: agent },
});

test('a planted token is found as a whole word wherever it stands, is said once with who, and never shown', () => {
  for (const observed of [
    asked({ path: `/in/${TOKEN}/x` }),
    asked({ path: '/', query_string: `key=${TOKEN}&a=b` }),
    asked({ path: '/', query_string: `next=%2Fin%3Fkey%3D${TOKEN.replaceAll('_', '%5F')}%26a%3Db` }),
    asked({ path: '/' }, `curl ${TOKEN}`),
    { actor: { user: { uid: TOKEN } } },
  ]) {
    const [alert, ...more] = feed(observed);
    assert.deepEqual([alert?.rule, alert?.severity, more.length], ['behaviour.honey-token', 'high', 0]);
    assert.ok(!JSON.stringify(alert).includes(TOKEN));
    assert.equal(alert?.entity.address, '192.0.2.9');
  }
  assert.deepEqual(feed(asked({ path: `/in/x${TOKEN}` })), [], 'part of another word');
  assert.deepEqual(feed(asked({ path: '/', query_string: 'a'.repeat(100_000) })), []);
});

test('a planted customer is an alert of the event that touched it; one that touched none is nothing', () => {
  const [alert] = feed({ strongroom: { honey: 2, subjects: 9, action: 'vault.export' }, actor: { user: { uid: 'key_1' } } });
  assert.deepEqual([alert?.rule, alert?.entity.key, alert?.measure?.value], ['behaviour.honey-record', 'key_1', 2]);
  assert.deepEqual(feed({ strongroom: { subjects: 9 } }), []);
}); // prettier-ignore
