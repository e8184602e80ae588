/** What fits no place of a route is refused by a problem, repeated nowhere and changes nothing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { openApiDocument } from '../openapi.ts';
import { badRequests, CANARY, type HttpMethod } from './bad-requests.ts';
import type { Answer, OpenApiOperation, Running } from './bad-input.test.ts';

/** Routes whose answer holds the outcome of each question it was asked, and is no problem as a whole. */
const SAYS_SO_INSIDE: Readonly<Record<string, (answer: Record<string, unknown>) => boolean>> = {
  putRecords: ({ results }) => (results as { status: string }[]).every(({ status }) => status === 'rejected'),
  recordEvents: ({ results }) => (results as { status: string }[]).every(({ status }) => status === 'rejected'),
  testPolicies: ({ ok }) => ok === false,
  lintCatalog: ({ ok }) => ok === false,
  testRule: ({ faults }) => (faults as { weight: string }[]).some(({ weight }) => weight === 'error'),
  // OpenID AuthZEN 1.0 §6.2: what is not known is a decision, "no", and members that are not known are passed over
  authzenEvaluation: ({ decision }) => decision === false,
  authzenEvaluations: ({ decision, evaluations }) => decision === false || Array.isArray(evaluations),
  authzenSearchAction: ({ results }) => Array.isArray(results),
  authzenSearchResource: ({ results }) => Array.isArray(results),
  authzenSearchSubject: ({ results }) => Array.isArray(results),
};

/** Routes between two looks at all tables; and of how many that take a body one gets 17 MiB, without a word of how many. */
const [EVERY_LOOK, EVERY_WHOLE] = [10, 25];

function assertRefused(operationId: string, { status, type, text }: Answer, what: string, decidedFirst: boolean): void {
  const seen = `${what}: ${status} ${type} ${text.slice(0, 400)}`;
  assert.ok(!text.includes(CANARY), `it repeats what it was sent: ${seen}`);
  assert.doesNotMatch(text, /\n\s+at |node:|\.ts:\d/, seen);
  const answer = JSON.parse(text) as Record<string, unknown>;
  if (status === 200 && SAYS_SO_INSIDE[operationId]?.(answer) === true) return;
  assert.ok(status >= 400 && status < 500, seen);
  // a key that is refused says nothing about the input
  assert.ok(decidedFirst || (status !== 401 && status !== 403), seen);
  // RFC 7644 §3.12; what is no path leads to no route
  if (operationId.startsWith('scim') && answer.code !== 'HTTP_PATH') {
    assert.match(type, /^application\/scim\+json/, seen);
    assert.deepEqual([answer.schemas, answer.status, typeof answer.detail], [['urn:ietf:params:scim:api:messages:2.0:Error'], String(status), 'string'], seen); // prettier-ignore
    return;
  }
  assert.match(type, /^application\/problem\+json/, seen);
  const { code, hint } = answer;
  assert.ok(typeof code === 'string' && code !== '' && typeof hint === 'string' && hint !== '', seen);
}

export function badInputIsRefused(of: () => Running): void {
  /** What was asked and refused may stand in the log: as a denial, or as a question that was answered. */
  async function assertLogged(from: number): Promise<void> {
    const { system } = of();
    const size = await system.audit.size();
    for (const { bytes } of await system.audit.read(from, size)) {
      const entry = JSON.parse(bytes.toString('utf8')) as { action: string; outcome: string };
      const asked = ['access.evaluate', 'access.search', 'access.policy.test'].includes(entry.action);
      assert.ok(asked || entry.outcome === 'denied', `${entry.action} ${entry.outcome}`);
      assert.ok(!bytes.includes(CANARY), `the log holds what was sent: ${entry.action}`);
    }
  }

  test('every route refuses bad input in each of its places by a problem, repeats nothing of it and changes nothing', async (t) => {
    const { prepared, tablesNow, system, send, fresh } = of();
    const { fitting, callerIn } = prepared;
    const { paths } = (await openApiDocument()) as { paths: Record<string, Record<string, OpenApiOperation>> };
    let [count, bodies] = [0, 0];
    // all tables are looked at after every few routes: to read them takes longer than to refuse
    let [before, since] = [{ tables: await tablesNow(), size: await system.audit.size() }, [] as string[]];
    const nothingChanged = (): Promise<void> =>
      t.test(`nothing was changed by ${since.join(', ')}`, async () => {
        const after = await tablesNow();
        assert.deepEqual(after, before.tables);
        await assertLogged(before.size);
        [before, since] = [{ tables: after, size: await system.audit.size() }, []];
      });
    for (const [template, methods] of Object.entries(paths)) {
      for (const [method, { operationId, requestBody, parameters = [] }] of Object.entries(methods)) {
        await t.test(`${method.toUpperCase()} ${template}`, async () => {
          const fits = fitting[operationId];
          assert.ok(fits !== undefined, `say in fitting-requests.ts what fits ${operationId}`);
          const takes = Object.keys(requestBody?.content ?? {})[0] ?? null;
          const queries = parameters.flatMap(({ in: where, name }) => (where === 'query' ? [name] : []));

          const route = { method: method.toUpperCase() as HttpMethod, template };
          for (const bad of badRequests(route, fits, {
            takes,
            queries,
            whole: takes !== null && bodies++ % EVERY_WHOLE === 0,
          })) {
            const answer = await send(bad, callerIn(fits.role));
            assertRefused(operationId, answer, bad.what, fits.decidedFirst === true);
            count += 1;
          }
        });
        since.push(operationId);
        if (since.length === EVERY_LOOK) await nothingChanged();
      }
    }
    await nothingChanged();
    await system.collection.flush();
    const counts = JSON.stringify(await fresh.db`select * from collection.gate_counts`.then((rows) => [...rows].map((row) => ({ ...row, times: Number(row['times']) })))); // prettier-ignore
    assert.ok(!counts.includes(CANARY), 'the gate keeps what was sent');
    assert.ok(count > 2000, `only ${count} requests`);
  });
}
