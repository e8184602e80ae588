import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createChoices } from './choices.ts';

const choice = (purpose: string, used: boolean, sharedForAds = false) => ({ purpose, title: purpose, rule: '', choice: 'consent', used, sharedForAds, answered: true }); // prettier-ignore

test('an opt-out of what is shared for advertising is said also where a page shows other purposes only', async () => {
  const of = (purposes: readonly unknown[]) => () => Promise.resolve(new Response(JSON.stringify({ purposes })));
  const ads = async (...all: readonly unknown[]) => {
    const shown = ['shop', 'ads.a'];
    const choices = createChoices({ server: 'https://privacy.example', purposes: shown, storage: null, fetch: of(all) });
    const heard: unknown[] = [];
    choices.subscribe((state) => heard.push(state.ads));
    const state = await choices.get();
    assert.ok(state.purposes.every(({ purpose }) => shown.includes(purpose)));
    assert.equal((await choices.set({ shop: true })).ads, state.ads);
    assert.deepEqual(heard, [state.ads]);
    return state.ads;
  }; // prettier-ignore

  assert.equal(await ads(choice('shop', true), choice('ads.a', true, true), choice('ads.b', false, true)), 'out');
  assert.equal(await ads(choice('shop', false), choice('ads.a', true, true), choice('ads.b', true, true)), 'in');
  assert.equal(await ads(choice('shop', true), choice('other', false)), null);
});

test('a no that is kept beside a yes that has to wait holds at once, and is heard of', async () => {
  let used = true;
  const fetch = (_url: unknown, init?: { method?: string }) => {
    if (init?.method !== 'POST')
      return Promise.resolve(new Response(JSON.stringify({ purposes: [choice('shop', used), choice('news', false)] })));
    used = false;
    return Promise.resolve(new Response(JSON.stringify({ code: 'PRIVACY_NO_KEPT', detail: '' }), { status: 429 }));
  };
  const choices = createChoices({ server: 'https://privacy.example', storage: null, fetch });
  await choices.get();
  const heard: boolean[] = [];
  choices.subscribe(() => heard.push(choices.allows('shop')));

  await assert.rejects(choices.set({ shop: false, news: true }), { code: 'PRIVACY_NO_KEPT' });

  assert.deepEqual([choices.allows('shop'), heard], [false, [false]]);
});
