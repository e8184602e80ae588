/** The step of the demo in which somebody learns, is shut off, and learns again: the same read, three times. */
import { Secret, TOTP } from 'otpauth';

import { readShelf } from '#practices/education';

import { cli, type Place } from './demo-cli.ts';

type Body = Readonly<
  Record<'token' | 'id' | 'secret' | 'detail' | 'hash' | 'locale' | 'brief' | 'title' | 'verdict', string>
> &
  Readonly<{
    questions: readonly Readonly<{ id: string; asks: string; options: readonly string[] }>[];
    duties: readonly Readonly<{ kind: string; id: string; effect: string }>[];
    passed: boolean;
    try: Readonly<{ id: string }>;
    records: readonly unknown[];
  }>;
const COURSE = 'purpose-and-minimum';

/** @returns lines to say @throws Error when a door is open that is to be shut, or the other way */
export async function lapse(place: Place, recordId: string): Promise<string[]> {
  let cookie = '';
  const call = async (status: number, method: string, path: string, body?: object, more: Record<string, string> = {}): Promise<Body> => {
    const auth = cookie === '' ? { authorization: `Bearer ${place.key}` } : { cookie, 'sec-fetch-site': 'same-origin' };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`${place.url}${path}`, { method, headers: { ...auth, ...more, ...(body === undefined ? {} : { 'content-type': 'application/json' }) }, ...sent });
    const text = await response.text();
    if (response.status !== status) throw new Error(`the demo met ${response.status} where ${status} was due, at ${path}: ${text.slice(0, 200)}`);
    if (!path.includes('/sittings')) cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie;
    return (text === '' ? {} : JSON.parse(text)) as Body;
  };
  const read = (status: number): Promise<Body> => call(status, 'GET', `/v1/vault/records/${recordId}`, undefined, { 'strongroom-purpose': 'service.support' });
  const { quizzes, policies } = readShelf().shelf;
  const questions = new Map(quizzes.flatMap((quiz) => quiz.questions).map((each) => [`${each.id} ${each.asks}`, each]));
  const pass = async (course: string): Promise<void> => {
    const begun = await call(201, 'POST', `/v1/education/courses/${course}/sittings`);
    const answers = begun.questions.map(({ id, asks, options }) => {
      const [question, place_] = [questions.get(`${id} ${asks}`), (says: string): number => options.indexOf(says)];
      if (question === undefined) throw new Error(`no question ${id}`);
      if ('answers' in question) return question.answers.filter(({ right }) => right).map(({ says }) => place_(says));
      if ('pairs' in question) return question.pairs.map(([, right]) => place_(right));
      return 'cues' in question ? [...question.cues] : question.lines.map(place_);
    });
    if (!(await call(200, 'POST', `/v1/education/sittings/${begun.id}/answers`, { answers })).passed) throw new Error(`${course} was not passed`);
  };
  const sign = async (policy: string): Promise<void> => {
    const { hash, locale } = await call(200, 'GET', `/v1/education/policies/${policy}`);
    const checks = policies.find(({ id }) => id === policy)?.checks ?? [];
    await call(201, 'POST', `/v1/education/policies/${policy}/signature`, { hash, locale, answers: checks.map((check) => check.answers.findIndex(({ right }) => right)) });
  };

  const invited = await call(201, 'POST', '/v1/access/people', { email: 'new@shop.example', name: 'Nora New', roles: ['support'] });
  await call(201, 'POST', '/v1/access/people/accept', { token: invited.token, password: 'seven wide boats at noon' });
  const { secret } = await call(200, 'POST', '/v1/access/factors/totp');
  await call(200, 'POST', '/v1/access/factors/totp/confirm', { code: new TOTP({ secret: Secret.fromBase32(secret) }).generate() });
  const first = await read(403);
  const task = await call(201, 'POST', '/v1/education/exercises/find-a-caller/tries');
  const phone = /\+49[\d ]+\d/.exec(task.brief)?.[0] ?? '';
  const found = await call(200, 'POST', '/v1/vault/records/search', { collection: 'customer', where: { phone }, fields: ['phone'] }, { 'strongroom-purpose': 'service.support' });
  if (found.records.length !== 1) throw new Error('the made-up caller was not found');
  await read(403);
  const graded = await call(200, 'POST', `/v1/education/tries/${task.try.id}/hand-in`);
  if (graded.verdict !== 'passed') throw new Error('the exercise was not passed');
  for (const { kind, id, effect } of (await call(200, 'GET', '/v1/education/mine')).duties)
    if (effect !== 'open') await (kind === 'course' ? pass(id) : sign(id));
  await read(200);
  await cli(place, 'education', 'revoke', 'course', COURSE, invited.id, '--because', 'the demo');
  const shut = await read(403);
  await pass(COURSE);
  await read(200);
  return [
    `Nora is new in support, and asks for a customer: ${first.detail}`,
    `she practises “${task.title}” on a made-up caller, whom alone she sees; the log says that she did it: ${graded.verdict}`,
    'she passes and signs what the role asks for: the same read is answered',
    `$ strongroom education revoke course ${COURSE} ${invited.id} --because …`,
    `the very next read: ${shut.detail}`,
    'she passes it again: answered',
  ];
} // prettier-ignore
