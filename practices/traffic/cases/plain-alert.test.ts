import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Alert } from '../alert.ts';
import { LINE } from '../http/shapes.ts';
import { trafficSealing } from '../record/block.ts';
import { plainAlert } from './plain-alert.ts';
import { aboutOf } from './take-in.ts';

const { termOf } = trafficSealing(Buffer.alloc(32, 7));
const alert = (part: Partial<Alert>): Alert => ({
  uid: 'u',
  rule: 'behaviour.brute-force',
  title: 't',
  severity: 'medium',
  key: 'k',
  entity: {},
  time: 0,
  events: [],
  reason: 'r',
  attack: [],
  ...part,
});

test('what a hostile log puts into a name is neither refused by the database nor there in clear', () => {
  const mail = 'ada.lovelace+x@example.org';
  const hostile = `\0${mail} \ud800 \u001b[31m ${'界'.repeat(5000)}`;
  const made = plainAlert(
    alert({ uid: hostile, key: `account=${hostile}`, reason: `The log-in of ${hostile} worked`, title: hostile, entity: { actor: mail, host: hostile }, attack: [hostile], measure: { name: hostile, value: Number.NaN, usual: Infinity, limit: 1 } }),
    termOf,
  ); // prettier-ignore
  const all = JSON.stringify(made);
  for (const bad of ['ada', 'example.org', String.raw`\u0000`, String.raw`\ud800`, String.raw`\u001b`]) assert.ok(!all.includes(bad), `${bad} is in ${all.slice(0, 300)}`);
  assert.equal(made.entity.actor, termOf(mail), 'its events are found by it');
  assert.equal(termOf(termOf(mail)), termOf(mail));
  assert.equal(aboutOf(made), `actor ${termOf(mail)}`);
  assert.ok(Buffer.byteLength(made.uid) <= 200 && made.reason.length <= 2000 && Buffer.byteLength(made.key) <= 500, all);
  assert.ok(all.isWellFormed());
  assert.deepEqual(plainAlert(made, termOf), made, 'the same again');
  assert.notEqual(plainAlert(alert({ uid: `${hostile}1` }), termOf).uid, made.uid);
}); // prettier-ignore

test('what an alert is asked for by can be asked for, and turns no line around', () => {
  const made = plainAlert(alert({ uid: 'rule:a\ufffdb', reason: 'a\u202eb\u2028c' }), termOf);
  assert.deepEqual([made.uid, made.reason], ['rule:a·b', 'a·b·c']);
  assert.match(made.uid, new RegExp(LINE, 'u'));
});

test('what is plain stays as it is, and half a character is cut off whole', () => {
  const said = alert({ uid: 'behaviour.new-device:actor=key_1:17', reason: 'key_1 came with a new device', entity: { actor: 'key_1', address: '2001:db8::1' } }); // prettier-ignore
  assert.deepEqual(plainAlert(said, termOf), said);
  assert.equal(plainAlert(alert({ title: `${'a'.repeat(199)}😀` }), termOf).title, 'a'.repeat(199));
});
