/** What the steps of the demo share: one system, one customer, a key for each role, and a terminal to speak to. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { System } from '../compose.ts';
import { cli } from './cli.ts';

export type Field = Readonly<{ state: string; value?: unknown; masked?: unknown }>;
export type Shown = Readonly<{ id: string; subjectId: string; fields: Readonly<Record<string, Field>> }>;
/** What the demo looks at in any of the answers it gets. */
export type Json = Readonly<
  Record<'code' | 'detail' | 'key' | 'token' | 'id' | 'state' | 'value' | 'planHash' | 'scopeHash', string> &
    Record<'status' | 'auditIndex' | 'done' | 'total', number>
> &
  Readonly<{ fields: Shown['fields']; records: readonly Shown[]; result: { ok: boolean; records: number } }>;

export type Ask = Readonly<{ as: string; purpose?: string; body?: object }>;
export type Stage = Readonly<{
  url: string;
  home: string;
  system: System;
  say: (text?: string) => void;
  /** A line below the step's title. */
  line: (text: string) => void;
  /** Of a role, made when it is first asked for; `support 2` is another person of the same role. */
  key: (role: string) => Promise<string>;
  /** @throws Error when it is answered with another status */
  ask: (status: number, method: string, path: string, ask: Ask) => Promise<Json>;
  /** What a command printed. @throws Error when it ends with another code than 0 */
  quiet: (role: string, args: readonly string[]) => Promise<string>;
  /** Says the command and what it printed. @param shown the command in words, where what it is given is long */
  run: (role: string, args: readonly string[], shown?: string) => Promise<string>;
  /** The one customer that it is all about. */
  customer: () => Promise<Shown>;
  find: (email: string) => Promise<Shown>;
}>;

/** Of the customer that is followed. */
export const EMAIL = 'luisg@embraer.com.br';
export const SUPPORT = 'service.support';

const bold = (text: string): string => `\u001b[1m${text}\u001b[0m`;
const say = (text = ''): void => void process.stdout.write(`${text}\n`);
export const title = (text: string): void => say(`\n${bold(text)}`);
const line = (text: string): void => say(`   ${text}`);

export async function createStage(url: string, home: string, system: System): Promise<Stage> {
  const admin = (await readFile(join(home, 'admin.key'), 'utf8')).trim();
  const made = new Map([['administrator', Promise.resolve(admin)]]);
  let followed: Shown | null = null;

  const send = async (status: number, method: string, path: string, key: string, { purpose, body }: Omit<Ask, 'as'>): Promise<Json> => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(purpose === undefined ? {} : { 'strongroom-purpose': purpose }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = { ...((await response.json()) as Json), status: response.status };
    if (answer.status !== status)
      throw new Error(`the demo met ${answer.status} where ${status} was due, at ${path}: ${answer.code ?? ''} ${answer.detail ?? ''}`);
    return answer;
  }; // prettier-ignore
  const key = (role: string): Promise<string> => {
    const [job] = role.split(' ') as [string];
    const found = made.get(role) ?? send(201, 'POST', '/v1/access/keys', admin, { body: { name: `demo ${role}`, role: job } }).then((answer) => answer.key);
    made.set(role, found);
    return found;
  }; // prettier-ignore
  const ask: Stage['ask'] = async (status, method, path, { as, ...rest }) =>
    send(status, method, path, await key(as), rest);
  const find: Stage['find'] = async (email) => {
    const body = { collection: 'customer', where: { email } };
    const { records } = await ask(200, 'POST', '/v1/vault/records/search', {
      as: 'application',
      purpose: SUPPORT,
      body,
    });
    if (records[0] === undefined) throw new Error('the demo does not find its customer');
    return records[0];
  };
  const quiet: Stage['quiet'] = async (role, args) => cli({ url, home, key: await key(role) }, ...args);
  return {
    url, home, system, say, line, key, ask, find, quiet,
    run: async (role, args, shown) => {
      line(`$ strongroom ${shown ?? args.join(' ')}`);
      const said = await quiet(role, args);
      line(said);
      return said;
    },
    customer: async () => (followed ??= await find(EMAIL)),
  }; // prettier-ignore
}

/** What a role sees of a record, in one line. */
export const inWords = (fields: Shown['fields'], names: readonly string[]): string =>
  names
    .map((name) => {
      const field = fields[name];
      return `${name} ${field === undefined ? '–' : field.state === 'denied' ? '(denied)' : String(field.value ?? field.masked)}`;
    })
    .join(' · ');
