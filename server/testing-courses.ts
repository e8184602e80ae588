/** For tests: a course of cmi5 over HTTP, with its learners, its officer and the server of its contents. */
import assert from 'node:assert/strict';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before } from 'node:test';

import { zipOf } from '#platform/testing';

import type { Json } from './testing.ts';
import { staffedSystems, type Staffed } from './testing-education.ts';
import { unitOf, type Unit } from './testing-parts.ts';

export const ORIGIN = 'https://courses.example';
const title = '<title><langstring lang="en">A part</langstring></title>';
export const au = (n: number, attributes: string, more = ''): string => `<au id="https://maker.example/au/${n}" ${attributes}>${title}<url>index.html?n=${n}</url>${more}</au>`; // prettier-ignore
export const TWO = `<block id="https://maker.example/block">${title}${au(1, 'moveOn="CompletedAndPassed" masteryScore="0.8"', '<launchParameters>speed=3</launchParameters><entitlementKey>k-1</entitlementKey>')}</block>${au(2, 'moveOn="Completed"')}`;
export const courseZip = (inner: string): Buffer =>
  zipOf([{ name: 'cmi5.xml', bytes: `<courseStructure><course id="https://maker.example/c"><title><langstring>Fire safety, in parts</langstring></title></course>${inner}</courseStructure>` }, { name: 'index.html', bytes: '<!doctype html><title>x</title><p>A part' }]); // prettier-ignore

export type PartsWorld = Awaited<ReturnType<typeof openParts>>;
/** Of a file of tests. */
export function partsWorld(): () => PartsWorld {
  let opened: PartsWorld | null = null;
  before(async () => {
    opened = await openParts();
  });
  after(() => opened?.close());
  return () => opened as PartsWorld;
}

async function openParts() {
  const faults: unknown[] = [];
  const staffed: Staffed = await staffedSystems({ STRONGROOM_COURSES_URL: ORIGIN, STRONGROOM_COURSES_PORT: '0' });
  const [ada, bea] = [await staffed.somebody(['support']), await staffed.somebody(['support'])];
  const officer = (await staffed.two.newKey('security')).key;
  const contents: Server = staffed.two.systems[1].education.contents((thrown) => void faults.push(thrown));
  await new Promise<void>((resolve) => contents.listen(0, '127.0.0.1', resolve));
  const at = `http://127.0.0.1:${(contents.address() as AddressInfo).port}`;
  const close = async (): Promise<void> => {
    contents.closeAllConnections();
    contents.close();
    await staffed.two.close();
  };
  const call = (method: string, path: string, sent: object) =>
    staffed.two.call(method, `/v1/education${path}`, { ...sent, server: 1 });
  const take = async (id: string, inner: string) => {
    const response = await fetch(`${staffed.two.urls[1]}/v1/education/packages/${id}`, { method: 'POST', headers: { 'authorization': `Bearer ${officer}`, 'content-type': 'application/zip' }, body: new Uint8Array(courseZip(inner)) }); // prettier-ignore
    return { status: response.status, body: (await response.json()) as Json };
  };
  const begin = async (course: string, who = ada) =>
    (await call('POST', `/courses/${course}/runs`, { cookie: who.cookie })).body;
  const launch = (run: Json, part: number, who = ada) => call('POST', `/runs/${run.id}/parts/${part}/sessions`, { cookie: who.cookie }); // prettier-ignore
  const unit = async (run: Json, part: number, who = ada): Promise<Unit> => {
    const { status, body } = await launch(run, part, who);
    assert.equal(status, 201, JSON.stringify(body));
    return unitOf(at, body.url as string);
  };
  /** One that has begun, of a course of its own. */
  const started = async (course: string, inner = TWO, part = 0): Promise<Unit & { run: Json }> => {
    assert.equal((await take(course, inner)).status, 201);
    const run = await begin(course);
    const made = await unit(run, part);
    assert.equal((await made.say('initialized')).status, 200);
    return { ...made, run };
  };
  const look = async (run: Json, who = ada) => (await call('GET', `/runs/${run.id}`, { cookie: who.cookie })).body;
  const verbsOf = async (run: Json): Promise<string[]> =>
  ((await call('GET', `/runs/${run.id}/statements`, { cookie: ada.cookie })).body.statements as { verb: { id: string } }[]).map(({ verb }) => verb.id.split('/').at(-1) as string); // prettier-ignore
  const dutyOf = async (course: string): Promise<string | undefined> =>
  ((await call('GET', '/mine', { cookie: ada.cookie })).body.duties as Json[]).find(({ id }) => id === course)?.state as string | undefined; // prettier-ignore
  return {
    staffed,
    ada,
    bea,
    officer,
    at,
    faults,
    call,
    take,
    begin,
    launch,
    unit,
    started,
    look,
    verbsOf,
    dutyOf,
    close,
  };
}
