/** A copy by a link: with a code that is told another way, and for nobody else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { unzip } from '#platform/testing';

import type { Running } from './rights.test.ts';

export function copiesGoByLink(given: () => Running): void {
  test('the link to a copy: with the code that is told another way, once, from any server, and for nobody else', async () => {
    const { customer, as, officer, two, code, vouched } = given();
    const { id, subjectId } = await customer('link@example.org', { city: 'Lyon' });
    await as('application').attachments.put(id, 'letter.txt', new Blob(['Dear Sirs']));
    const other = await customer('other-link@example.org', { care_notes: 'a canary of somebody else' });
    const fulfil = async (subject: string) => {
      const { id: asked } = await officer().privacyRequests.take({ how: 'letter', subject, kind: 'copy' });
      // special data is held: the link shows the mailbox, and one of the staff the rest
      if (subject === other.subjectId) await officer().privacyRequests.vouch(asked, 'passport');
      return { asked, link: (await officer().privacyRequests.decide(asked, { decision: 'fulfil', answer: 'see your mail', language: 'de' })).link };
    };
    const mailTo = async (to: string) => {
      for (const { id: mail, kind } of await two.systems[0].mail.list()) {
        const { content } = await two.systems[0].mail.get(mail);
        if (kind === 'privacy.copy-link' && content?.to === to) return content.text;
      }
      return '';
    };
    const pathIn = (text: string) => new URL(/https?:\S+/.exec(text)?.[0] ?? 'http://none/').pathname;
    const fetched = (path: string, tried: string, server = 0, headers: Record<string, string> = {}) =>
      fetch(`${two.urls[server]}${path}`, { method: 'POST', body: new URLSearchParams({ code: tried }), headers: { 'sec-fetch-site': 'same-origin', ...headers } });
    const statuses = async (...of: Promise<Response>[]) => (await Promise.all(of)).map(({ status }) => status);

    assert.equal(await code(as('support').privacyRequests.sendLink('dsr_0')), 'ACCESS_DENIED');
    const { asked, link } = await fulfil(subjectId);
    const text = await mailTo('link@example.org');
    const path = pathIn(text);
    assert.match(link?.code ?? '', /^\d{4} \d{4}$/);
    assert.ok(text.includes('bis zum') && !text.includes(link?.code ?? '-') && !text.includes(link?.code.replace(' ', '') ?? '-') && !text.includes(subjectId) && !text.includes(asked));
    const logged = JSON.stringify(await two.entriesOf('privacy.request'));
    assert.ok(logged.includes('link sent') && !logged.includes(path.slice(-30)) && !logged.includes(link?.code ?? '-'));

    // a scanner of mail: every way to follow a link, on both servers, leaves it as it was
    for (const method of ['GET', 'HEAD', 'OPTIONS']) for (const url of two.urls) await (await fetch(`${url}${path}`, { method })).text();
    const page = await (await fetch(`${two.urls[1]}${path}?lang=en`)).text();
    assert.ok(page.includes('<form method="post">') && !page.includes('Lyon'));
    // nobody makes one, and no other site's page presses the button
    const last = path.endsWith('A') ? 'B' : 'A';
    const nowhere = [`${path.slice(0, -1)}${last}`, `${path}A`, `/center/copy/${asked}`, '/center/copy/x'];
    assert.deepEqual(await statuses(...nowhere.map((each) => fetched(each, link?.code ?? ''))), [404, 404, 404, 404]);
    assert.deepEqual(await statuses(fetched(path, link?.code ?? '', 0, { 'sec-fetch-site': 'cross-site' })), [403]);
    // the mailbox alone: no code, a wrong one, the code of another link
    const foreign = await fulfil(other.subjectId);
    assert.deepEqual(await statuses(fetched(path, ''), fetched(path, '0000 0000'), fetched(path, foreign.link?.code ?? '', 1)), [401, 401, 401]);

    const [one, two_] = await Promise.all([fetched(path, link?.code ?? '', 0), fetched(path, (link?.code ?? '').replace(' ', ''), 1)]);
    assert.deepEqual([one.status, two_.status].toSorted((a, b) => a - b), [200, 401], 'of two at once, at two servers, one gets it');
    const zip = unzip(Buffer.from(await (one.status === 200 ? one : two_).arrayBuffer()));
    const data = String(zip.get('data.json'));
    assert.ok(data.includes('Lyon') && data.includes(subjectId) && !data.includes('canary') && [...zip.keys()].some((name) => name.endsWith('letter.txt')));
    assert.deepEqual(await statuses(fetched(path, link?.code ?? '', 0), fetched(path, link?.code ?? '', 1)), [401, 401], 'and never again');
    assert.deepEqual((await officer().privacyRequests.get(asked)).steps.map(({ step }) => step), ['received', 'fulfilled', 'link sent', 'copied']);

    // lost: another one, and the one before is dead; five tries are all there are
    const next = await officer(1).privacyRequests.sendLink(asked);
    const nextPath = pathIn(await mailTo('link@example.org'));
    assert.deepEqual(await statuses(fetched(path, next.code)), [401]);
    for (let n = 0; n < 5; n += 1) await (await fetched(nextPath, '0000 0000', n % 2)).text();
    assert.deepEqual(await statuses(fetched(nextPath, next.code)), [401]);
    // its time is over
    const late = await officer().privacyRequests.sendLink(asked);
    const latePath = pathIn(await mailTo('link@example.org'));
    await two.fresh.db`update privacy.copy_links set expires_at = now() where used_at is null and request_id = (select request_id from privacy.copy_links order by made_at desc limit 1)`;
    assert.deepEqual(await statuses(fetched(latePath, late.code)), [401]);
    // the subject is erased: what was right a moment ago leads to nothing
    const last_ = await officer().privacyRequests.sendLink(asked);
    await officer().subjects.erase(subjectId);
    assert.deepEqual(await statuses(fetched(pathIn(await mailTo('link@example.org')), last_.code)), [401]);
    assert.equal(await code(officer().privacyRequests.sendLink(asked)), 'PRIVACY_ADDRESS_UNCLEAR');
    // somebody else's is as it was: none of this has touched it
    assert.deepEqual(await statuses(fetched(pathIn(await mailTo('other-link@example.org')), foreign.link?.code ?? '', 1)), [200]);

    // who has no address, or several, is told another way, and nothing is said to be done before
    const none = await as('application').records.create({ collection: 'customer', fields: { last_name: 'Nobody' } });
    const request = await vouched(officer().privacyRequests.take({ how: 'letter', subject: none.subjectId, kind: 'access' }));
    const decide = (send: 'link' | 'nothing') => code(officer().privacyRequests.decide(request.id, { decision: 'fulfil', answer: 'by letter', send }));
    assert.deepEqual([await decide('link'), (await officer().privacyRequests.get(request.id)).state], ['PRIVACY_ADDRESS_UNCLEAR', 'received']);
    assert.equal(await decide('nothing'), 'done');
    assert.equal(await code(officer().privacyRequests.sendLink((await officer().privacyRequests.take({ how: 'letter', subject: none.subjectId, kind: 'review' })).id)), 'PRIVACY_REQUEST_STATE', 'no address is opened for it');
    // one source is slowed down
    await two.fresh.db`update privacy.counts set n = 60`;
    assert.deepEqual(await statuses(fetched(path, '1')), [429]);
    await two.fresh.db`delete from privacy.counts`;
  }); // prettier-ignore
}
