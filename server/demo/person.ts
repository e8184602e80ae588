/** Somebody who works here: comes in with a password and a passkey, and learns what the role asks for. */
import { createSoftPasskey } from '#practices/access';
import { readShelf } from '#practices/education';

import type { Stage } from './stage.ts';

type Body = Readonly<
  Record<'token' | 'id' | 'challenge' | 'detail' | 'hash' | 'locale' | 'brief' | 'title' | 'verdict', string>
> &
  Readonly<{
    questions: readonly Readonly<{ id: string; asks: string; options: readonly string[] }>[];
    duties: readonly Readonly<{ kind: string; id: string; effect: string }>[];
    passed: boolean;
    try: Readonly<{ id: string }>;
    records: readonly unknown[];
  }>;
export type Person = Readonly<{
  id: string;
  /** @throws Error when it is answered with another status */
  call: (status: number, method: string, path: string, body?: object, purpose?: string) => Promise<Body>;
  /** Passes the quiz of a course. */
  pass: (course: string) => Promise<void>;
  /** Passes and signs all that the role asks for. */
  learn: () => Promise<void>;
}>;

const PASSWORD = 'seven wide boats at noon';

export async function comeIn({ url, ask }: Stage, name: string, role: string): Promise<Person> {
  let cookie = '';
  const call: Person['call'] = async (status, method, path, body, purpose) => {
    const headers = {
      'sec-fetch-site': 'same-origin',
      ...(cookie === '' ? {} : { cookie }),
      ...(purpose === undefined ? {} : { 'strongroom-purpose': purpose }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const response = await fetch(`${url}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await response.text();
    if (response.status !== status) throw new Error(`the demo met ${response.status} where ${status} was due, at ${path}: ${text.slice(0, 200)}`);
    if (!path.includes('/sittings')) cookie = response.headers.get('set-cookie')?.split(';')[0] ?? cookie;
    return (text === '' ? {} : JSON.parse(text)) as Body;
  };
  const { quizzes, policies } = readShelf().shelf;
  const questions = new Map(quizzes.flatMap((quiz) => quiz.questions).map((each) => [`${each.id} ${each.asks}`, each]));
  const pass: Person['pass'] = async (course) => {
    const begun = await call(201, 'POST', `/v1/education/courses/${course}/sittings`);
    const answers = begun.questions.map(({ id, asks, options }) => {
      const [question, place] = [questions.get(`${id} ${asks}`), (says: string): number => options.indexOf(says)];
      if (question === undefined) throw new Error(`no question ${id}`);
      if ('answers' in question) return question.answers.filter(({ right }) => right).map(({ says }) => place(says));
      if ('pairs' in question) return question.pairs.map(([, right]) => place(right));
      return 'cues' in question ? [...question.cues] : question.lines.map(place);
    });
    if (!(await call(200, 'POST', `/v1/education/sittings/${begun.id}/answers`, { answers })).passed) throw new Error(`${course} was not passed`);
  };
  const sign = async (policy: string): Promise<void> => {
    const { hash, locale } = await call(200, 'GET', `/v1/education/policies/${policy}`);
    const checks = policies.find(({ id }) => id === policy)?.checks ?? [];
    await call(201, 'POST', `/v1/education/policies/${policy}/signature`, { hash, locale, answers: checks.map((check) => check.answers.findIndex(({ right }) => right)) });
  };
  const email = `${name.toLowerCase().replace(' ', '.')}@shop.example`;
  const invited = await ask(201, 'POST', '/v1/access/people', { as: 'administrator', body: { email, name, roles: [role] } });
  await call(201, 'POST', '/v1/access/people/accept', { token: invited.token, password: PASSWORD });
  const passkey = createSoftPasskey({ id: new URL(url).hostname, origin: new URL(url).origin });
  const { challenge } = await call(200, 'POST', '/v1/access/factors/passkeys/options');
  await call(201, 'POST', '/v1/access/factors/passkeys', { name: 'of the demo', response: passkey.create(challenge) });
  return {
    id: invited.id,
    call,
    pass,
    learn: async () => {
      for (const { kind, id, effect } of (await call(200, 'GET', '/v1/education/mine')).duties)
        if (effect !== 'open') await (kind === 'course' ? pass(id) : sign(id));
    },
  };
} // prettier-ignore
