/** For tests: somebody who learns and signs all that their role asks for, as a page would, by answers that are right. */
import assert from 'node:assert/strict';

import { readShelf, type Quiz } from '#practices/education';

import type { Json } from './testing.ts';

type Calls = Readonly<{
  call: (
    method: string,
    path: string,
    sent: { cookie: string; body?: object },
  ) => Promise<{ status: number; body: Json }>;
}>;

/** Places on the screen, by what the starters say is right. */
export function rightAnswers(quizzes: readonly Quiz[], questions: readonly Json[]): number[][] {
  const all = new Map(quizzes.flatMap(({ questions: own }) => own).map((each) => [`${each.id} ${each.asks}`, each]));
  return questions.map(({ id, asks, options }) => {
    const question = all.get(`${id} ${asks}`);
    assert.ok(question !== undefined, `the starters have no question ${id}`);
    const place = (text: string): number => (options as string[]).indexOf(text);
    if ('answers' in question) return question.answers.filter(({ right }) => right).map(({ says }) => place(says));
    if ('pairs' in question) return question.pairs.map(([, right]) => place(right));
    return 'cues' in question ? [...question.cues] : question.lines.map(place);
  });
}

/** @param cookie of a session that has shown both factors a moment ago */
export async function passCourse({ call }: Calls, cookie: string, course: string): Promise<Json> {
  const begun = await call('POST', `/v1/education/courses/${course}/sittings`, { cookie });
  assert.equal(begun.status, 201, JSON.stringify(begun.body));
  const { quizzes } = readShelf().shelf;
  const answers = rightAnswers(quizzes, begun.body.questions as Json[]);
  const graded = await call('POST', `/v1/education/sittings/${begun.body.id}/answers`, { cookie, body: { answers } });
  assert.deepEqual([graded.status, graded.body.passed], [200, true], JSON.stringify(graded.body));
  return graded.body;
}

export async function signPolicy({ call }: Calls, cookie: string, policy: string): Promise<Json> {
  const { policies } = readShelf().shelf;
  const checks = policies.find(({ id }) => id === policy)?.checks ?? [];
  const { body } = await call('GET', `/v1/education/policies/${policy}`, { cookie });
  const answers = checks.map((check) => check.answers.findIndex(({ right }) => right));
  const signed = await call('POST', `/v1/education/policies/${policy}/signature`, {
    cookie,
    body: { hash: body.hash, locale: body.locale, answers },
  });
  assert.equal(signed.status, 201, JSON.stringify(signed.body));
  return signed.body;
}

/** All that the role of the session asks for, and is not done. @returns how much that was */
export async function taught({ call }: Calls, cookie: string): Promise<number> {
  const { status, body } = await call('GET', '/v1/education/mine', { cookie });
  assert.equal(status, 200, JSON.stringify(body));
  const lacking = (body.duties as Json[]).filter(
    ({ kind, effect, state }) => kind !== 'drill' && (effect !== 'open' || state === 'due'),
  );
  for (const { kind, id } of lacking)
    await (kind === 'course' ? passCourse({ call }, cookie, id as string) : signPolicy({ call }, cookie, id as string));
  return lacking.length;
}
