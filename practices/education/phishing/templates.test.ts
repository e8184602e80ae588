/** Mails that a training team writes: the rules they are held to, two who change one, and what exercises keep. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { phishingWorld, type World } from '../testing.ts';
import { sourceOfStarter, readShelf } from '../starters/shelf.ts';
import { ownFaults } from './own-rules.ts';
import { namesPlace } from './template.ts';

let world: World;
before(async () => {
  world = await phishingWorld('https://portal.example.net');
});
after(() => world.close());

const isFailure = (code: string) => (thrown: unknown) => (thrown as { code?: string }).code === `EDUCATION_${code}`;
const mine = (id: string, change: (source: string) => string = (all) => all): string =>
  change(sourceOfStarter('parcel-fee').replace('id: parcel-fee', `id: ${id}`));

test('what is shipped keeps the rules that own mails are held to', () => {
  for (const template of readShelf().shelf.phishing)
    assert.deepEqual(ownFaults(template), [], `${template.id}: ${JSON.stringify(ownFaults(template))}`);
});

test('each guard rail refuses: a theme that hurts, also in words; a company that exists; a real domain; a form of one’s own; no signs; nothing to learn', () => {
  const refused: readonly (readonly [RegExp, (source: string) => string])[] = [
    [/never used: it hurts/, (all) => all.replace('theme: delivery', 'theme: bonus')],
    [/“salary” plays on what hurts/, (all) => all.replace('your parcel have arrived', 'your salary have arrived')],
    [/“pension” plays on/, (all) => all.replace('!! Your Parcel is WAITING !!', 'Your pension is WAITING')],
    [/DHL is a company that exists/, (all) => all.replace('Parcel Notice Center', 'DHL Notice Center')],
    [/Microsoft is a company/, (all) => all.replace('Your parcel is on hold.', 'Your Microsoft account is on hold.')],
    [/may be somebody’s/, (all) => all.replaceAll('parcel-center-24.example', 'parcel-center-24.com')],
    [/./, (all) => all.replace('Your parcel is on hold.', '<form action="https://evil.example"><input name="p"></form>')],
    [/this link leads nowhere that is allowed/, (all) => all.replace('Your parcel is on hold.', 'Your parcel is [on hold](https://x.example/p).')],
    [/asks/, (all) => all.replace('asks: [name, phone]', 'asks: [name, card]')],
    [/learns nothing/, (all) => `${all.slice(0, all.indexOf('## Learn'))}## Learn\n\nWatch out.\n`],
    [/Mail, Page, Learn/, (all) => all.slice(0, all.indexOf('## Learn'))],
    [/one kind of sign/, (all) => all.replace(/cues:\n(.*\n)(?: {2}- .*\n)+/, 'cues:\n$1')],
    [/./, (all) => all.replace(/cues:\n(?: {2}- .*\n)+/, 'cues: []\n')],
  ]; // prettier-ignore

  for (const [says, change] of refused)
    assert.throws(() => world.phishing.templates.tryOut(mine('mine', change)), (thrown: unknown) => {
      assert.ok(isFailure('TEXT_INVALID')(thrown), String(thrown));
      assert.match(JSON.stringify((thrown as { extra: unknown }).extra), says);
      return true;
    });
}); // prettier-ignore

const PLACES = ['https://parcels.example/x', 'HTTP://x', 'ftp://files', 'www.parcels', 'parcels.com', 'parcels.com?id=4', 'parcels.com#top', 'parcels.com!', 'PARCELS.COM.', 'müller-pakete.de', 'пакет.рф', 'x.xn--p1ai', 'my_parcels.com', 'my_parcels.co.uk/pay', 'info@parcels.com', 'info@parcels.zip', 'parcels.zip/pay', 'parcels.zip?x', '192.0.2.7', '192.0.2.7/pay', 'parcels．com', 'parcels。com', 'par\u00adcels.c\u200bom', '<parcels.com>', '“parcels.com”', 'parcels.com|x', 'a*parcels.com']; // prettier-ignore
test('no place that may be somebody’s, however it is written, in text, subject or name; files, numbers and names that lead nowhere may be', () => {
  for (const place of PLACES) assert.equal(namesPlace(`See ${place} today`), true, place);
  for (const fine of ['parcels.example', 'info@parcels.example', 'sub.parcels.test, soon', 'invoice.pdf', 'Did you open photos.zip? No', 'at 3.30 p.m.', '1.5 kg, e.g. today.', 'version 2.4.1', '12.000,50', 'Well... no', 'node_1', '您好。请看', 'Mr. Alex'])
    assert.equal(namesPlace(fine), false, fine); // prettier-ignore
  for (const change of [
    (all: string) => all.replace('Parcel Notice Center', 'parcels.com'),
    (all: string) => all.replace(/^subject: .*$/m, 'subject: "Your parcel: parcels.com"'),
    (all: string) => all.replace('Your parcel is on hold.', 'Your parcel is at www.parcels today.'),
  ])
    assert.throws(() => world.phishing.templates.tryOut(mine('mine', change)), (thrown: unknown) => /may be somebody’s stands/.test(JSON.stringify((thrown as { extra: unknown }).extra))); // prettier-ignore
});

test('a company that exists is found however it is written, in the address and in what the link pretends too', () => {
  const said = (change: (source: string) => string): string => {
    try {
      world.phishing.templates.tryOut(mine('mine', change));
      return '';
    } catch (thrown) {
      return JSON.stringify((thrown as { extra: unknown }).extra);
    }
  };
  for (const brand of ['dhl', 'PAYPAL', 'microsoft', 'deutsche post', 'Apple', 'Zoom']) assert.match(said((all) => all.replace('Your parcel is on hold.', `Your ${brand} parcel is on hold.`)), /is a company/, brand); // prettier-ignore
  for (const host of ['dhl-parcels', 'mypaypalservice', 'apple-id', 'zoom', 'royal-mail-fees', 'pension-office']) {
    assert.match(said((all) => all.replace(/^pretends: .*$/m, `pretends: https://${host}.example/pay`)), /is a company|plays on/, host);
    assert.match(said((all) => all.replace(/address: [a-z0-9.@-]+/, `address: info@${host}.example`)), /is a company|plays on/, host);
  } // prettier-ignore
  // nor by letters that look wide; those that are not seen the reader refuses, as escapes too
  for (const wide of ['Ｎｅｔｆｌｉｘ', 'ｐｅｎｓｉｏｎ']) assert.match(said((all) => all.replace('Your parcel is on hold.', `Your ${wide} parcel is on hold.`)), /is a company|plays on/, wide); // prettier-ignore
  for (const hidden of ['Micro\u00adsoft', 'Micro\\u00adsoft', 'Pay\\u200bPal']) assert.match(said((all) => all.replace(/^subject: .*$/m, `subject: "Your ${hidden} parcel"`)), /nobody sees/, hidden); // prettier-ignore
  // a word is no company
  for (const word of ['apple', 'outlook', 'zoom', 'ups', 'slack']) assert.equal(said((all) => all.replace('Your parcel is on hold.', `Your ${word} parcel is on hold.`)), '', word); // prettier-ignore
  assert.equal(
    said((all) => all.replace(/^pretends: .*$/m, 'pretends: https://groups-first.example/pay')),
    '',
  );
});

test('how hard it is follows from its cues: with fewer it is harder; a preview keeps nothing', async () => {
  const { templates } = world.phishing;
  assert.equal(templates.tryOut(mine('easy')).template.rating.level, 'least');
  const harder = mine('harder', (all) => all.replaceAll(/times: \d/g, 'times: 1'));
  assert.equal(templates.tryOut(harder).template.rating.level, 'moderate');
  const { preview } = templates.tryOut(mine('easy'));
  assert.match(preview.text, /your parcel have arrived/);
  assert.deepEqual([preview.leadsTo, preview.asks], ['https://parcel-center-24.example/pay', ['name', 'phone']]);
  assert.ok(!(await templates.list('all')).some(({ own }) => own));
});

test('of two who change one at once the slower gets 412 and changes nothing; shipped ids are taken; retired ones are in no new exercise', async () => {
  const { templates } = world.phishing;
  const made = await templates.save(world.by, mine('ours'), null);
  assert.deepEqual([made.own, made.seq, made.retired], [true, 1, false]);
  await assert.rejects(templates.save(world.by, mine('ours'), null), isFailure('TEMPLATE_TAKEN'));
  await assert.rejects(templates.save(world.by, sourceOfStarter('parcel-fee'), null), isFailure('TEMPLATE_TAKEN'));
  await assert.rejects(templates.save(world.by, mine('other'), 1, 'ours'), isFailure('TEXT_INVALID'));
  await assert.rejects(templates.save(world.by, mine('nobodys'), 1, 'nobodys'), isFailure('TEMPLATE_UNKNOWN'));

  const titled = (title: string) => mine('ours', (all) => all.replace('A parcel that costs a fee', title));
  const both = await Promise.allSettled(['One', 'Two'].map((title) => templates.save(world.by, titled(title), 1, 'ours'))); // prettier-ignore
  assert.deepEqual(both.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
  const slower = both.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
  assert.ok(isFailure('TEMPLATE_STALE')(slower.reason));
  const now = await templates.get('ours');
  assert.deepEqual([now.seq, now.versions.length], [2, 2]);

  await assert.rejects(templates.retire(world.by, 'ours', 1), isFailure('TEMPLATE_STALE'));
  await templates.retire(world.by, 'ours', 2);
  await assert.rejects(templates.save(world.by, titled('Late'), 2, 'ours'), isFailure('TEMPLATE_STALE'));
  assert.deepEqual([(await templates.list()).some(({ own }) => own), (await templates.list('all')).some(({ own }) => own)], [false, true]); // prettier-ignore
  const wanted = { name: 'x', template: 'ours', mode: 'groups' as const, from: new Date('2026-03-04T09:00:00Z'), until: new Date('2026-03-10T09:00:00Z'), roles: ['support'], people: [] }; // prettier-ignore
  await assert.rejects(world.phishing.plan(world.by, wanted), isFailure('TEMPLATE_UNKNOWN'));
  await templates.save(world.by, titled('Back'), 3, 'ours');

  await world.others(10);
  const { id } = await world.phishing.plan(world.by, wanted);
  await templates.save(world.by, titled('After'), 4, 'ours');
  assert.match((await world.phishing.get(id)).campaign.source, /title: "Back"/, 'what was sent stays');
  await assert.rejects(async () => world.db`update education.phish_templates set source = 'x'`, /refused/);
  assert.equal(world.logged.filter(({ action }) => action === 'education.phishing.template.save').length, 4);
});

const insert = (id: string, source: string) =>
  world.db`
    insert into education.phish_templates (template_id, seq, hash, source, retired, made_by, made_at)
    values (${id}, 1, 'x', ${source}, false, 'x', now())`;

test('one that a newer program does not read is shown as it is, in no exercise, changed, and retired', async () => {
  const { templates } = world.phishing;
  await insert('unread', 'as an older program wrote it');
  const found = await templates.get('unread');
  assert.deepEqual([found.source, found.template.title, found.seq], ['as an older program wrote it', 'unread', 1]);
  assert.ok(!(await templates.list()).some(({ template }) => template.id === 'unread'));
  assert.ok((await templates.list('all')).some(({ template }) => template.id === 'unread'));
  await assert.rejects(templates.usable('unread'), isFailure('TEMPLATE_UNKNOWN'));
  const retired = await templates.retire(world.by, 'unread', 1);
  assert.deepEqual([retired.seq, retired.retired], [2, true]);
  assert.equal((await templates.save(world.by, mine('unread'), 2, 'unread')).seq, 3);
  assert.equal((await templates.usable('unread')).template.id, 'unread');
});

test('an own mail whose id a release ships later stays what it was, until it is retired: from then on there is the shipped one', async () => {
  const { templates } = world.phishing;
  const own = sourceOfStarter('parcel-fee').replace('A parcel that costs a fee', 'Ours');
  await insert('parcel-fee', own);
  const titles = async (which?: 'all') => (await templates.list(which)).flatMap(({ template }) => (template.id === 'parcel-fee' ? [template.title] : [])); // prettier-ignore
  assert.deepEqual([(await templates.get('parcel-fee')).template.title, (await templates.usable('parcel-fee')).template.title, await titles()], ['Ours', 'Ours', ['Ours']]); // prettier-ignore
  const changed = await templates.save(world.by, own.replace('Ours', 'Ours too'), 1, 'parcel-fee');
  assert.deepEqual([changed.seq, changed.own, changed.template.title], [2, true, 'Ours too']);
  const retired = await templates.retire(world.by, 'parcel-fee', 2);
  assert.deepEqual([retired.own, retired.retired, retired.seq], [true, true, 3]);
  const shipped = 'A parcel that costs a fee';
  assert.deepEqual([(await templates.get('parcel-fee')).own, (await templates.usable('parcel-fee')).template.title, await titles(), await titles('all')], [false, shipped, [shipped], [shipped]]); // prettier-ignore
  for (const seen of [3, null]) await assert.rejects(templates.save(world.by, own, seen, 'parcel-fee'), isFailure('TEMPLATE_TAKEN')); // prettier-ignore
});
