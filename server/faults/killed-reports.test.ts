/** A server that is killed while people report without a name: what was thanked with a number is there, once. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { clientsFor, freePort, openHomes, startServer, type Homes } from './running-server.ts';

let homes: Homes;
before(async () => {
  homes = await openHomes();
});
after(() => homes.remove());

const match = (text: string, shape: RegExp): string => shape.exec(text)?.[1] ?? '';
const RECEIPT = /receipt"><strong>([^<]+)/;

test('killed in the middle of many reports, each that got its number is there after the restart, and one form is one report', async () => {
  const [home, port] = [await homes.next(), await freePort()];
  const first = await startServer({ home, port });
  const { patient } = await clientsFor(first, 'security');
  const { pathname } = new URL((await patient.incidents.replaceReportLink()).link.url);
  const ask = async (path: string, form?: Readonly<Record<string, string>>): Promise<string> => {
    const sent = form === undefined ? {} : { method: 'POST', body: new URLSearchParams(form), headers: { 'sec-fetch-site': 'same-origin' } }; // prettier-ignore
    return (await fetch(`http://127.0.0.1:${port}${path}`, sent)).text();
  };
  const forms = await Promise.all(Array.from({ length: 25 }, async () => match(await ask(pathname), /name="form" value="([^"]+)"/))); // prettier-ignore
  const thanked = new Map<string, string>();
  const send = async (form: string): Promise<void> => {
    const receipt = match(await ask(pathname, { form, kind: 'other', words: 'x'.repeat(1000) }), RECEIPT);
    if (receipt !== '') thanked.set(form, receipt);
    if (thanked.size === 8) first.child.kill('SIGKILL');
  };

  // the last comes when nobody is there: also on a machine where all others were quicker than the kill
  await Promise.allSettled(forms.map((form, n) => (n < 24 ? send(form) : first.ended.then(() => send(form)))));
  await first.ended;
  const before = new Map(thanked);
  assert.ok(before.size >= 8 && before.size < 25, `${before.size} were thanked`);
  const server = await startServer({ home, port });

  for (const [, receipt] of before) assert.match(await ask('/tell/number', { receipt }), /Nobody has looked at it yet/);
  // whoever was not answered presses Send again
  for (const form of forms) await send(form);
  assert.equal(thanked.size, 25);
  for (const [form, receipt] of before) assert.equal(thanked.get(form), receipt);
  const { reports, waiting } = await patient.incidents.nameless({ limit: 500 });
  assert.deepEqual([reports.length, waiting], [25, 25]);
  const whole = await Promise.all(reports.map(({ id }) => patient.incidents.namelessReport(id)));
  assert.ok(
    whole.every(({ said }) => said?.words.length === 1000),
    'no report without its words',
  );
  await server.kill('SIGTERM');
});
