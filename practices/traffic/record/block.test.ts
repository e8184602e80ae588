import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Uuid } from '#platform/ids';

import type { TrafficEvent } from '../event.ts';

import { indexOf, trafficSealing } from './block.ts';

const [ID, OTHER] = ['01890a5d-ac96-774b-bcce-b302099a8057', '01890a5d-ac96-774b-bcce-b302099a8058'] as [Uuid, Uuid];
const sealing = trafficSealing(Buffer.alloc(32, 7));
const EVENTS = [{ class_uid: 6003, time: 1_795_694_400_000, actor: { user: { uid: 'key_1' } } }, { class_uid: 4001 }];
const REFUSED = { code: 'TRAFFIC_UNSEALABLE' };

test('what was sealed opens as it was, each time under another nonce', () => {
  const [one, two] = [sealing.seal(ID, EVENTS), sealing.seal(ID, EVENTS)];
  assert.deepEqual([sealing.open(ID, one), sealing.open(ID, two)], [EVENTS, EVENTS]);
  assert.notDeepEqual(one, two);
  assert.deepEqual(sealing.open(ID, sealing.seal(ID, [])), []);
  assert.ok(!one.includes('key_1'));
});

test('a changed byte, another block’s id, another key, a cut or longer box: refused', () => {
  const box = sealing.seal(ID, EVENTS);
  for (let at = 0; at < box.length; at += 1) {
    const changed = Buffer.from(box);
    changed[at] = (changed[at] as number) ^ 1;
    assert.throws(() => sealing.open(ID, changed), REFUSED, `byte ${at}`);
    assert.throws(() => sealing.open(ID, box.subarray(0, at)), REFUSED, `cut at ${at}`);
  }
  assert.throws(() => sealing.open(OTHER, box), REFUSED);
  assert.throws(() => trafficSealing(Buffer.alloc(32, 8)).open(ID, box), REFUSED);
  assert.throws(() => sealing.open(ID, Buffer.concat([box, Buffer.of(0)])), REFUSED);
});

test('the box of docs/formats/traffic-block.md opens', () => {
  assert.deepEqual(sealing.open(ID, Buffer.from(VECTOR, 'hex')), [{ class_uid: 6003, time: 1_795_694_400_000 }]);
});

/** Key 32 × 0x07, nonce 24 × 0x09; sealed by libsodium, not by the library under test. */
const VECTOR =
  '0109090909090909090909090909090909090909090909090996c7cd775c833063f449731e0b1f669859acc2f32443a7d796bd2b70f1523a36e7087aeae5b28062354188e738ee9ab72ad6e75b90bf4f5ae1fe23fe672eba607837';

test('what a foreign log calls an address and is none keeps no block from being written', () => {
  const event = (ip: string) => ({ class_uid: 4002, time: Number.NaN, src_endpoint: { ip } }) as unknown as TrafficEvent;
  const index = indexOf(['192.0.2.1', '::FFFF:192.0.2.1', 'fe80::1%eth0', '999.1.1.1', 'junk', '', '\0'].map(event), 1000, sealing.termOf);
  assert.deepEqual(index.addresses, ['192.0.2.1', 'fe80::1']);
  assert.deepEqual([index.firstAt.getTime(), index.n], [1000, 7]);
}); // prettier-ignore

test('a name is found by what only the key makes of it', () => {
  const [name, own] = ['ada.lovelace@example.org', 'key_06h1hhvwz1vaqbsee1b5a4yg68'];
  const term = sealing.termOf(name);
  assert.match(term, /^#[A-Za-z0-9_-]{22}$/);
  assert.notEqual(
    trafficSealing(Buffer.alloc(32, 8)).termOf(name),
    term,
    'who has the database alone tries names in vain',
  );
  assert.deepEqual([sealing.termOf(term), sealing.termOf(own)], [term, own]);
  // HKDF-SHA-256 and HMAC-SHA-256 made by Python's hmac module, not by the library under test
  assert.equal(term, '#9CRb1nYFTJjSaGgJUN-OuQ');
});
