/** Choices that are made at sites: by pages that are known, and by strings of the TCF. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

import { parseSubjectId } from '#platform/ids';
import { createChoices } from '@strongroom/sdk/choices';

import type { Running } from './center.test.ts';

/** A small vendor list in the form IAB Europe publishes. */
const vendorList = (version: number, policy = 5) => ({
  gvlSpecificationVersion: 3, vendorListVersion: version, tcfPolicyVersion: policy, lastUpdated: '2026-10-01T00:00:00Z', specialPurposes: {}, features: {}, specialFeatures: {}, stacks: {},
  purposes: Object.fromEntries([1, 2, 3, 4, 7, 8].map((id) => [id, { id, name: `purpose ${id}`, description: '' }])),
  vendors: Object.fromEntries([[12, [1, 3]], [34, [4]], [56, []]].map(([id, purposes]) => [id, { id, name: `Vendor ${String(id)}`, purposes, legIntPurposes: [7, 8], flexiblePurposes: [], specialPurposes: [], features: [], specialFeatures: [], urls: [{ langId: 'en', privacy: id === 34 ? 'javascript:alert(1)' : `https://v${String(id)}.example/privacy` }] }])),
}); // prettier-ignore

export function sitesRecordChoices(of: () => Running): void {
  test('a page of a known site reads and records choices; one of another site gets nothing, whatever it sends', async () => {
    const { url, system, as, store, fresh } = of();
    const choices = (headers: Record<string, string>, body?: object) =>
      fetch(`${url}/v1/privacy/choices${body === undefined ? '?lang=de' : ''}`, { headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }, ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }) });
    const shop = { origin: 'https://shop.example' };
    const NEWS = 'marketing.newsletter';
    type State = { purposes: { purpose: string; used: boolean; sharedForAds: boolean; answered: boolean }[]; words: Record<string, string>; token: string; holder: string; receipts: string[]; gpc: boolean };
    const used = ({ purposes }: State, purpose = NEWS) => purposes.find((each) => each.purpose === purpose)?.used;

    const offered = await choices(shop);
    const state = (await offered.json()) as State;
    assert.deepEqual([offered.headers.get('access-control-allow-origin'), offered.headers.get('access-control-allow-credentials')], [shop.origin, null]);
    assert.match(offered.headers.get('vary') ?? '', /Origin.*Sec-GPC/);
    assert.deepEqual([state.words.refuseAll, used(state), used(state, 'analytics.product')], ['Alles ablehnen', false, true]);
    const preflight = await fetch(`${url}/v1/privacy/choices?lang=de`, { method: 'OPTIONS', headers: { ...shop, 'access-control-request-method': 'POST' } });
    assert.deepEqual([preflight.status, preflight.headers.get('access-control-allow-headers')], [204, 'content-type, strongroom-choices']);

    const size = await system.audit.size();
    const yes = { answers: [{ purpose: NEWS, answer: 'yes' }] };
    const hostile = ['https://evil.example', 'null', 'https://shop.example.evil.example', 'http://shop.example', 'https://shop.example:444', 'https://SHOP.example', 'http://localhost:4001', 'https://shop.example/', ''];
    for (const origin of hostile)
      for (const answer of [await choices({ origin }), await choices({ origin }, yes), await fetch(`${url}/v1/privacy/choices`, { method: 'OPTIONS', headers: { origin } })]) {
        assert.deepEqual([answer.status, answer.headers.get('access-control-allow-origin')], [403, null], origin);
        assert.ok(!(await answer.text()).includes('newsletter'));
      }
    assert.equal((await choices({ 'sec-fetch-site': 'cross-site' })).status, 403, 'a script or picture of another page');
    const logged = await system.audit.read(size, await system.audit.size());
    assert.deepEqual(logged.filter(({ bytes }) => bytes.includes('privacy.consent')), [], 'and nothing of it was recorded');

    const said = (await (await choices(shop, yes)).json()) as State;
    assert.deepEqual([used(said), said.receipts.length, said.holder.slice(0, 5)], [true, 1, 'anon_']);
    const mine = { ...shop, 'strongroom-choices': said.token };
    assert.equal(used((await (await choices(mine)).json()) as State), true);
    assert.equal(used((await (await choices(shop)).json()) as State), false, 'without the token it is somebody else');
    for (const token of [`${said.token.slice(0, -1)}${said.token.endsWith('A') ? 'B' : 'A'}`, 'x', `${said.token}A`, said.holder]) assert.equal((await choices({ ...shop, 'strongroom-choices': token })).status, 401);
    const ledger = await as('dpo', 'legal.request').consents.get(said.holder);
    assert.ok(JSON.stringify(ledger.events[0]?.record).includes('site/headless'));
    assert.equal((await choices(shop, { answers: [{ purpose: 'service.billing', answer: 'no' }] })).status, 422);

    // a signal is honoured for who is known by a token, and ends what was said before it
    const gpc = (await (await choices({ ...mine, 'sec-gpc': '1' })).json()) as State;
    assert.deepEqual([gpc.gpc, gpc.purposes.filter(({ sharedForAds, used: on }) => sharedForAds && on)], [true, []]);

    // a customer's token does what they would; it reaches the very next read
    const { id, subjectId } = await store('chooser@example.org');
    const { token } = await as('application', 'service.support').consents.choiceToken({ holder: subjectId, minutes: 30 });
    const used_ = (await (await choices({ ...shop, 'strongroom-choices': token }, yes)).json()) as State;
    assert.equal(used_.token, token, 'using it does not make it last longer');
    assert.equal((await as('application', NEWS).records.get(id)).fields.email?.value, 'chooser@example.org');
    await choices({ ...shop, 'strongroom-choices': token }, { answers: [{ purpose: NEWS, answer: 'no' }] });
    await assert.rejects(as('application', NEWS).records.get(id), { code: 'VAULT_DENIED' });
    await assert.rejects(as('support', 'service.support').consents.choiceToken({ holder: subjectId }), { code: 'ACCESS_DENIED' });

    // the headless client, with a page's storage and without one
    const kept = new Map<string, string>();
    const storage = { getItem: (name: string) => kept.get(name) ?? null, setItem: (name: string, value: string) => void kept.set(name, value) };
    const asShop: typeof fetch = (input, init) => fetch(input, { ...init, headers: { ...(init?.headers as object), ...shop } });
    const client = createChoices({ server: url, language: 'fr-FR', purposes: [NEWS], storage, fetch: asShop });
    const heard: boolean[] = [];
    const stop = client.subscribe((now) => heard.push(now.purposes[0]?.used === true));
    assert.deepEqual([client.allows(NEWS), (await client.get()).words.acceptAll, kept.size], [false, 'Tout accepter', 0], 'nothing is kept before a choice');
    await client.set({ [NEWS]: true });
    assert.equal(createChoices({ server: url, storage }).allows(NEWS), true, 'the next page knows without asking');
    await client.set({ [NEWS]: false });
    stop();
    assert.deepEqual([heard, client.allows(NEWS), kept.size], [[true, false], false, 1]);
    kept.set('strongroom-choices', '{"token":"<script>","allowed":"marketing.newsletter"}');
    assert.equal(createChoices({ server: url, storage }).allows(NEWS), false);
    await assert.rejects(createChoices({ server: url, storage: null, fetch: (input, init) => fetch(input, { ...init, headers: { origin: 'https://evil.example' } }) }).get(), { code: 'PRIVACY_ORIGIN_UNKNOWN' });

    // the widget: small, alone, and what its hash says
    const script = await fetch(`${url}/center/widget.js`);
    const text = await script.text();
    const { integrity, snippet } = await as('dpo', 'legal.request').consents.widget();
    assert.equal(integrity, `sha384-${createHash('sha384').update(text).digest('base64')}`);
    assert.ok(snippet.includes(integrity) && snippet.includes('crossorigin'));
    assert.ok(gzipSync(text).length < 15_000, `${gzipSync(text).length} bytes`);
    assert.doesNotMatch(text, /\beval\b|new Function|innerHTML|insertAdjacentHTML|document\.write|postMessage|addEventListener\(["'`]message|\.cookie|https?:\/\//, 'no eval, no markup from text, no channel, no third party');
    assert.deepEqual([script.headers.get('access-control-allow-origin'), script.headers.get('cross-origin-resource-policy')], ['*', 'cross-origin']);
    // what makes __tcfapi of it is apart, and as strict
    const { tcf, gpp } = await as('dpo', 'legal.request').consents.widget();
    for (const [name, { integrity: hash }, most] of [['tcf-stub', tcf.stub, 1_000], ['tcf', tcf.api, 16_000], ['gpp-stub', gpp.stub, 1_000], ['gpp', gpp.api, 25_000]] as const) {
      const apart = await (await fetch(`${url}/center/${name}.js`)).text();
      assert.ok(hash === `sha384-${createHash('sha384').update(apart).digest('base64')}` && `${tcf.snippet}${gpp.snippet}`.includes(hash), name);
      assert.ok(gzipSync(apart).length < most, `${name}: ${gzipSync(apart).length} bytes`);
      assert.doesNotMatch(apart, /\beval\b|new Function|innerHTML|insertAdjacentHTML|document\.write|document\.cookie|cssText|https?:\/\//, name);
    }

    // one source is slowed down
    await fresh.db`update privacy.counts set n = 300`;
    assert.equal((await choices(shop, yes)).status, 429);
    await fresh.db`delete from privacy.counts`;
  }); // prettier-ignore

  test('a key that is narrowed to purposes brings no yes to another one, and any no', async () => {
    const { as, store, fresh } = of();
    const { subjectId } = await store('narrowed@example.org');
    const says = (purpose: string, said: 'given' | 'withdrawn') =>
      as('narrowed', 'service.support').consents.record({ holder: { subject: subjectId }, said: [{ purpose, said }], text: 'Yes', method: 'web' });

    await assert.rejects(says('marketing.newsletter', 'given'), { code: 'PRIVACY_KEY_PURPOSES' });
    assert.equal((await says('service.support', 'given')).events.length, 1);
    assert.equal((await says('marketing.newsletter', 'withdrawn')).events.length, 1);

    const entries = await fresh.db<{ bytes: Buffer }[]>`select bytes from audit.entries order by index desc limit 20`;
    assert.ok(entries.some(({ bytes }) => /"action":"privacy.consent".*"outcome":"denied"/.test(bytes.toString())), 'the refusal is in the log');
  }); // prettier-ignore

  test('TC strings: off until set; written from what holds, read into the ledger, and never against what was said since', async () => {
    const { as, store, url, fresh } = of();
    const NEWS = 'marketing.newsletter';
    const [officer, app, support] = [as('dpo', 'legal.request'), as('application', 'service.support'), as('support', 'service.support')];
    const settings = { cmpId: null, cmpVersion: 1, publisherCountry: 'DE', vendorId: null, purposes: [{ purpose: NEWS, tcf: [1, 3], specialFeatures: [] }], vendors: [12, 34] };
    const CORE = 'COvFyGBOvFyGBAbAAAENAPCAAOAAAAAAAAAAAEEUACCKAAA';
    const { id, subjectId } = await store('tcf@example.org');
    const read = () => as('application', NEWS).records.get(id);

    // off, and what does not fit changes nothing
    assert.equal(((await (await fetch(`${url}/v1/privacy/choices`)).json()) as { tcf: unknown }).tcf, null);
    await assert.rejects(officer.tcf.get(), { code: 'PRIVACY_TCF_OFF' });
    await assert.rejects(app.tcf.record({ holder: subjectId, tcString: CORE }), { code: 'PRIVACY_TCF_OFF' });
    assert.deepEqual((await officer.tcf.decode(CORE)).purposeConsents, [1, 2, 3]);
    await assert.rejects(officer.tcf.decode(CORE.slice(0, 40)), { code: 'PRIVACY_TCF_INVALID' });
    await assert.rejects(officer.tcf.set(settings), { code: 'PRIVACY_TCF_LIST_MISSING' });
    const set = (more: object) => officer.tcf.set({ ...settings, vendorList: vendorList(70), ...more });
    for (const list of [[], { vendors: {} }, { ...vendorList(70), vendors: { 12: { id: 13, name: 'x' } } }, { ...vendorList(70), vendors: { 12: { id: 12, name: 'x', purposes: [9] } } }])
      await assert.rejects(set({ vendorList: list }), { code: 'PRIVACY_TCF_LIST_INVALID' });
    for (const wrong of [{ vendors: [99] }, { vendorId: 99 }, { purposes: [{ purpose: 'service.billing', tcf: [1], specialFeatures: [] }] }, { purposes: [{ purpose: NEWS, tcf: [9], specialFeatures: [] }] }, { purposes: [...settings.purposes, ...settings.purposes] }])
      await assert.rejects(set(wrong), { code: 'PRIVACY_TCF_SETTINGS' });
    await assert.rejects(support.tcf.set({ ...settings, vendorList: vendorList(70) }), { code: 'ACCESS_DENIED' });
    const [kept] = await fresh.db<{ n: number }[]>`select (select count(*) from privacy.tcf_settings)::int + (select count(*) from privacy.vendor_lists)::int as n`;
    assert.equal(kept?.n, 0);

    // without a number of a CMP strings are read, and none is written
    await set({});
    await assert.rejects(officer.tcf.write({ holder: subjectId, vendors: [12] }), { code: 'PRIVACY_TCF_NO_CMP' });
    await assert.rejects(set({ vendorList: { ...vendorList(70), lastUpdated: '2026-11-01T00:00:00Z' } }), { code: 'PRIVACY_TCF_LIST_INVALID' }, 'a version has one content');
    await assert.rejects(set({ vendorList: vendorList(69) }), { code: 'PRIVACY_TCF_LIST_INVALID' }, 'and is not followed by an older one');
    assert.deepEqual([(await officer.tcf.set({ ...settings, cmpId: 27 })).vendorListVersion, (await officer.tcf.get()).cmpId], [70, 27]);

    // what holds, and only to who was shown
    const facts = async (vendors: number[]) => officer.tcf.decode((await officer.tcf.write({ holder: subjectId, vendors, language: 'de' })).tcString);
    assert.deepEqual(((f) => [f.purposeConsents, f.vendorConsents, f.vendorsDisclosed])(await facts([12, 34])), [[], [], [12, 34]]);
    await app.consents.record({ holder: { subject: subjectId }, said: [{ purpose: NEWS, said: 'given' }], text: 'Yes', method: 'web' });
    const agreed = await facts([12, 34, 56]);
    assert.deepEqual([agreed.purposeConsents, agreed.publisher?.consents, agreed.vendorConsents, agreed.vendorsDisclosed], [[1, 3], [1, 3], [12], [12, 34]], '34 declares none of these; 56 is no partner');
    assert.deepEqual([agreed.language, agreed.cmpId, agreed.vendorListVersion, agreed.policyVersion, agreed.serviceSpecific, agreed.publisherCountry], ['DE', 27, 70, 5, true, 'DE']);
    assert.deepEqual(((f) => [f.purposeConsents, f.vendorConsents, f.vendorsDisclosed])(await facts([])), [[1, 3], [], []]);
    const yes = (await officer.tcf.write({ holder: subjectId, vendors: [12] })).tcString;

    // a string of this morning gives nothing back that was taken back since; a no of today counts
    await app.consents.record({ holder: { subject: subjectId }, said: [{ purpose: NEWS, said: 'withdrawn' }], method: 'web' });
    const replayed = await app.tcf.record({ holder: subjectId, tcString: yes });
    assert.deepEqual([replayed.events, replayed.ignored], [[], [{ purpose: NEWS, because: 'older' }]]);
    await assert.rejects(read(), { code: 'VAULT_DENIED' });
    const no = (await officer.tcf.write({ holder: subjectId, vendors: [12] })).tcString;
    const other = await store('tcf-2@example.org');
    const first = await app.tcf.record({ holder: other.subjectId, tcString: yes });
    assert.deepEqual(first.events.map(({ said, purpose, expiresAt }) => [said, purpose, expiresAt !== null]), [['given', NEWS, true]]);
    assert.equal((await as('application', NEWS).records.get(other.id)).fields.email?.value, 'tcf-2@example.org', 'it holds at the very next read');
    const { events } = await officer.consents.get(other.subjectId);
    assert.ok(JSON.stringify(events[0]?.record).includes(yes) && JSON.stringify(events[0]?.record).includes('shown by CMP 27 in EN'), 'the string itself is the evidence');
    assert.deepEqual((await app.tcf.record({ holder: other.subjectId, tcString: yes })).ignored, [{ purpose: NEWS, because: 'older' }], 'the same again is nothing new');
    const narrowed = as('narrowed', 'service.support');
    await assert.rejects(narrowed.tcf.record({ holder: (await store('tcf-3@example.org')).subjectId, tcString: yes }), { code: 'PRIVACY_KEY_PURPOSES' });
    assert.deepEqual((await narrowed.tcf.record({ holder: other.subjectId, tcString: no })).events.map(({ said }) => said), ['withdrawn']);
    await assert.rejects(as('application', NEWS).records.get(other.id), { code: 'VAULT_DENIED' }, 'and refuses the very next one');

    // nor what was taken back by a no to all that is wider, nor by a no that was on its way at the same moment
    const [wider, racing] = [await store('tcf-4@example.org'), await store('tcf-5@example.org')];
    const withdraw = (subject: string, purpose: string) => app.consents.record({ holder: { subject }, said: [{ purpose, said: 'withdrawn' }], method: 'web' });
    await withdraw(wider.subjectId, 'marketing');
    assert.deepEqual((await app.tcf.record({ holder: wider.subjectId, tcString: yes })).ignored, [{ purpose: NEWS, because: 'older' }]);
    await assert.rejects(as('application', NEWS).records.get(wider.id), { code: 'VAULT_DENIED' });
    await withdraw(racing.subjectId, 'analytics.product');
    const waiting = async (count: number): Promise<void> => {
      for (let tries = 0; tries < 3000; tries += 1) {
        const [row] = await fresh.db<{ n: number }[]>`select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%consent_chains%'`;
        if (row?.n === count) return;
        await sleep(20);
      }
      throw new Error(`never ${count} of them`);
    };
    const both = await fresh.db.begin(async (tx) => {
      await tx`select from privacy.consent_chains where holder = ${parseSubjectId(racing.subjectId)} for update`;
      const no = withdraw(racing.subjectId, NEWS);
      await waiting(1);
      const late = app.tcf.record({ holder: racing.subjectId, tcString: yes });
      await waiting(2);
      return { no, late };
    });
    assert.equal((await both.no).events.length, 1);
    assert.deepEqual((await both.late).ignored, [{ purpose: NEWS, because: 'older' }]);
    await assert.rejects(as('application', NEWS).records.get(racing.id), { code: 'VAULT_DENIED' });

    // by the vendor that we are
    await officer.tcf.set({ ...settings, cmpId: 27, vendorId: 34 });
    const third = await store('tcf-3@example.org');
    assert.deepEqual((await app.tcf.record({ holder: third.subjectId, tcString: yes })).events.map(({ said }) => said), ['refused'], 'nothing was said to vendor 34');

    // a newer policy makes it void; what lies there is not written to
    await set({ cmpId: 27, vendorList: vendorList(71, 6) });
    await assert.rejects(app.tcf.record({ holder: third.subjectId, tcString: yes }), { code: 'PRIVACY_TCF_OUTDATED' });
    await assert.rejects(app.tcf.record({ holder: third.subjectId, tcString: `${yes}x` }), { code: 'PRIVACY_TCF_INVALID' });
    await assert.rejects(support.tcf.record({ holder: third.subjectId, tcString: yes }), { code: 'ACCESS_DENIED' });

    // a page of a site: partners to name, and the string of what holds for its visitor
    const shop: typeof fetch = (input, init) => fetch(input, { ...init, headers: { ...(init?.headers as object), origin: 'https://shop.example' } });
    const shelf = new Map<string, string>();
    const storage = { getItem: (name: string) => shelf.get(name) ?? null, setItem: (name: string, value: string) => void shelf.set(name, value) };
    const client = createChoices({ server: url, storage, fetch: shop });
    const begun = await client.get();
    assert.deepEqual([begun.tcf?.tcString, client.tcString()], [null, null], 'nothing is said before anything was');
    assert.deepEqual(begun.tcf?.vendors, [{ id: 12, name: 'Vendor 12', privacy: 'https://v12.example/privacy' }, { id: 34, name: 'Vendor 34', privacy: null }]);
    await client.set({ [NEWS]: true }, [12]);
    const page = await officer.tcf.decode(client.tcString() ?? '');
    assert.deepEqual([page.purposeConsents, page.vendorsDisclosed, page.vendorConsents], [[1, 3], [12], [12]]);
    assert.equal(createChoices({ server: url, storage }).tcString(), client.tcString(), 'the next page has it without asking');
    await client.set({ [NEWS]: false });
    const next = createChoices({ server: url, storage, fetch: shop });
    await next.get();
    assert.deepEqual(((f) => [f.purposeConsents, f.vendorsDisclosed])(await officer.tcf.decode(next.tcString() ?? '')), [[], [12]]);
  }); // prettier-ignore
}
