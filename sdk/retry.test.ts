import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createStrongroom, isProblem } from './index.ts';
import { against, json, KEY } from './testing.ts';

test('a change that no key makes happen once is sent again only where the server did nothing, and is told that it may be done', async () => {
  let busy = 1;
  await against(
    (_request, response, count) => {
      if (busy-- > 0) json(response, 429, { code: 'HTTP_TOO_MANY', detail: 'later', hint: 'wait' });
      else if (count === 4) json(response, 503, { code: 'HTTP_DATABASE', detail: 'away', hint: '' });
      else if (count === 5) json(response, 409, { code: 'ACCESS_STATE', detail: 'no', hint: 'read' });
      else response.destroy();
    },
    async (room, seen) => {
      const maybe = { code: 'SDK_UNREACHABLE', hint: /may have been done all the same: look before/ };
      await assert.rejects(room.tokens.open('tok_1'), maybe);
      assert.equal(seen.length, 2);
      assert.equal(seen[1]?.headers['idempotency-key'], undefined);
      await assert.rejects(room.keys.create({ name: 'till', role: 'reader' }), maybe);
      assert.equal(seen.length, 3);
      await assert.rejects(room.grants.approve('gra_1', 'yes'), {
        code: 'HTTP_DATABASE',
        hint: /^it may have been done/,
      });
      await assert.rejects(room.grants.approve('gra_1', 'yes'), { code: 'ACCESS_STATE', hint: 'read' });
      assert.equal(seen.length, 5);
    },
    { retries: 3 },
  );
});

test('a PUT or DELETE is sent again, and who hears of the second one only is told of the first; not with If-Match', async () => {
  await against(
    (_request, response, count) => {
      if (count === 2) json(response, 404, { code: 'ACCESS_NOT_FOUND', detail: 'there is no such key', hint: 'list' });
      else response.destroy();
    },
    async (room, seen) => {
      await assert.rejects(room.keys.revoke('key_1'), {
        code: 'ACCESS_NOT_FOUND',
        hint: 'list; an earlier try of this call had no answer and may have done it: look before you send it again',
      });
      assert.equal(seen.length, 2);
      await assert.rejects(room.phishing.changeTemplate('tpl_1', 2, 'x'), { code: 'SDK_UNREACHABLE' });
      assert.equal(seen.length, 3);
    },
    { retries: 3 },
  );
});

test('what was never sent is sent again, whatever it is; a certificate that is not trusted stays one', async () => {
  const triesOf = async (reason: string): Promise<number> => {
    let tries = 0;
    const room = createStrongroom({
      url: 'http://127.0.0.1:9', key: KEY, random: () => 0, retries: 2,
      fetch: () => {
        tries += 1;
        return Promise.reject(new TypeError('fetch failed', { cause: Object.assign(new Error('x'), { code: reason }) }));
      },
    }); // prettier-ignore
    await assert.rejects(room.keys.create({ name: 'till', role: 'reader' }), (thrown: unknown) => {
      assert.ok(isProblem(thrown, 'SDK_UNREACHABLE'));
      assert.equal(thrown.extra.reason, reason);
      assert.equal('mayBeDone' in thrown.extra, reason === 'ECONNRESET');
      return true;
    });
    return tries;
  };
  assert.equal(await triesOf('ECONNREFUSED'), 3);
  assert.equal(await triesOf('ECONNRESET'), 1);
  assert.equal(await triesOf('DEPTH_ZERO_SELF_SIGNED_CERT'), 1);
});
