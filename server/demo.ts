/**
 * The demo: real customers in, sealed, read by three services, searched, tokenised, rotated, forgotten, proven. It runs
 * the system as anybody would, through its API and its CLI, and says in words what each step did.
 */
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { verifyLog } from '#platform/audit';
import { processConfig } from '#platform/config';
import { filesWith } from '#platform/file-search';
import { createLog } from '#platform/log';

import { composeSystem } from './compose.ts';
import { importTable, keepFile, sealedForm } from './demo-cli.ts';
import { attackItself, wholeNight } from './demo-assurance.ts';
import { lapse } from './demo-education.ts';
import { trap } from './demo-traffic.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SHOP = join(ROOT, 'examples');
/** Of the customer whose form comes sealed. */
const FORM_EMAIL = 'ada.lovelace@analytical.example';

type Field = Readonly<{ state: string; value?: unknown; masked?: unknown }>;
type Shown = Readonly<{ id: string; subjectId: string; fields: Readonly<Record<string, Field>> }>;
/** What the demo looks at in any of the answers it gets. */
type Json = Readonly<
  Record<'code' | 'detail' | 'key' | 'token' | 'id' | 'state' | 'value', string> &
    Record<'status' | 'auditIndex' | 'done' | 'total' | 'lookups' | 'tokens' | 'remains', number>
> &
  Readonly<{ fields: Shown['fields']; records: readonly Shown[]; result: { ok: boolean; records: number } }>;
type Receipt = Readonly<Record<'records' | 'lookups' | 'tokens' | 'attachments' | 'remains' | 'auditIndex', number>>;

const say = (text = ''): void => void process.stdout.write(`${text}\n`);
const title = (n: number, text: string): void => say(`\n\u001b[1m${n}. ${text}\u001b[0m`);

export async function demo(args: readonly string[]): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'strongroom-demo-'));
  const port = args.includes('--exit') ? 0 : undefined;
  const config = processConfig({
    STRONGROOM_HOME: home,
    STRONGROOM_LOG: 'warn',
    DATABASE_URL: undefined,
    // nobody works with it: attacks need no two people
    STRONGROOM_ASSURANCE_ARMED: 'always',
    ...(port === undefined ? {} : { STRONGROOM_PORT: '0' }),
  });
  await cp(join(SHOP, 'catalog.yaml'), config.catalog);
  say('Strongroom keeps customers\u2019 data so that every look at it is decided, logged and provable.');
  say(`Starting an empty system in ${home} \u2026`);
  const system = await composeSystem(config, createLog('warn'));
  try {
    const url = await system.http.listen({ host: config.host, port: config.port });
    await walk({ url, home, system, isNight: args.includes('--night') });
    if (args.includes('--exit')) return;
    say(
      `\nThe system stays open at ${url} (the administrator\u2019s key is in ${join(home, 'admin.key')}). Ctrl-C ends it.`,
    );
    await new Promise<void>((resolve) => process.once('SIGINT', resolve));
  } finally {
    await system.close();
    await rm(home, { recursive: true, force: true });
  }
}

async function walk({
  url,
  home,
  system,
  isNight,
}: {
  url: string;
  home: string;
  system: Awaited<ReturnType<typeof composeSystem>>;
  /** All control tests, with what they need to be able to tell. */
  isNight: boolean;
}): Promise<void> {
  const admin = (await readFile(join(home, 'admin.key'), 'utf8')).trim();
  const call = async (
    key: string,
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<Json> => {
    const response = await fetch(`${url}${path}`, {
      method, headers: { authorization: `Bearer ${key}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers }, ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }); // prettier-ignore
    return { ...((await response.json()) as Json), status: response.status };
  };
  const need = (answer: Json, status: number): Json => {
    if (answer.status !== status)
      throw new Error(
        `the demo met ${answer.status} where ${status} was due: ${answer.code ?? ''} ${answer.detail ?? ''}`,
      );
    return answer;
  };
  const keyFor = async (role: string): Promise<string> =>
    need(await call(admin, 'POST', '/v1/access/keys', { name: `demo ${role}`, role }), 201).key;
  const [shop, billing, support, marketing, dpo, custodian, intake] = (await Promise.all(
    ['application', 'billing', 'support', 'marketing', 'dpo', 'custodian', 'intake'].map(keyFor),
  )) as [string, string, string, string, string, string, string];
  const purpose = (id: string): Record<string, string> => ({ 'strongroom-purpose': id });

  title(1, 'Import: two real customer tables, through the CLI');
  for (const name of ['chinook', 'sakila']) {
    say(`   $ strongroom vault import examples/${name}-customers.csv --map examples/${name}.map.yaml`);
    say(`   ${await importTable({ url, key: shop, home }, SHOP, name)}`);
  }

  title(2, 'One customer, three services, one question: who is this?');
  const found = need(
    await call(
      shop,
      'POST',
      '/v1/vault/records/search',
      { collection: 'customer', where: { email: 'luisg@embraer.com.br' } },
      purpose('service.support'),
    ),
    200,
  );
  const customer = found.records[0] as Shown;
  const show = async (who: string, key: string, why: string): Promise<void> => {
    const read = await call(key, 'GET', `/v1/vault/records/${customer.id}`, undefined, purpose(why));
    say(`   ${who} for ${why}:`);
    if (read.status !== 200) return say(`      refused: ${read.detail} (entry ${read.auditIndex} of the log)`);
    const words = ['first_name', 'last_name', 'email', 'phone', 'address'].map((name) => {
      const field = read.fields[name];
      return `${name} ${field === undefined ? '\u2013' : field.state === 'denied' ? '(denied)' : String(field.value ?? field.masked)}`;
    });
    say(`      ${words.join(' \u00b7 ')}`);
    say(`      (entry ${read.auditIndex} of the log was durable before this left)`);
  };
  await show('the shop', shop, 'service.support');
  await show('billing ', billing, 'service.billing');
  await show('support ', support, 'service.support');
  await show('marketing', marketing, 'service.support');

  title(3, 'Search, without opening what is not found');
  const prefix = need(
    await call(
      support,
      'POST',
      '/v1/vault/records/search',
      { collection: 'customer', where: { last_name: { prefix: 'go' } } },
      purpose('service.support'),
    ),
    200,
  );
  say(
    `   support asks for last names that begin with "go": ${prefix.records.length} found, shown masked: ${prefix.records.map((each) => each.fields.last_name?.masked).join(', ')}`,
  );

  title(4, 'A token in place of the phone number');
  const token = need(
    await call(
      shop,
      'POST',
      '/v1/vault/tokens',
      { recordId: customer.id, field: 'phone', kind: 'format' },
      purpose('service.support'),
    ),
    201,
  ).token;
  const opened = need(await call(shop, 'POST', '/v1/vault/tokens/open', { token }, purpose('service.support')), 200);
  say(`   other systems keep ${token}; who may, opens it again: ${opened.value}`);

  title(5, 'A file beside the record, and a form sealed before it was sent');
  for (const line of await keepFile({ url, key: shop, home }, customer.id)) say(`   ${line}`);
  for (const line of await sealedForm({ url, key: intake, home }, FORM_EMAIL)) say(`   ${line}`);
  const arrived = { collection: 'customer', where: { email: FORM_EMAIL } };
  const form = need(
    await call(shop, 'POST', '/v1/vault/records/search', arrived, purpose('service.support')),
    200,
  ).records;
  say(`   found by its e-mail address: ${form.map((each) => each.fields.last_name?.value).join()}`);

  title(6, 'Rotation, while serving');
  const finish = async (begun: Json, path: string): Promise<Json> => {
    let work = need(begun, 202);
    while (work.state === 'running') {
      await new Promise((resolve) => setTimeout(resolve, 100));
      work = need(await call(custodian, 'GET', path), 200);
    }
    if (work.state !== 'done') throw new Error(`the work at ${path} ended as ${work.state}`);
    return work;
  };
  for (const [what, words] of [
    ['epoch', 'all key rings wrapped anew, the old epoch key destroyed'],
    ['keys', 'every field sealed anew under fresh keys'],
    ['index', 'search made anew under a fresh key'],
  ] as const) {
    const begun = await call(custodian, 'POST', '/v1/vault/rotations', { what });
    const work = await finish(begun, `/v1/vault/rotations/${begun.id}`);
    say(`   ${words}: ${work.done} of ${work.total} subjects`);
  }
  await show('the shop', shop, 'service.support');

  title(7, 'A customer nobody has a reason to touch');
  for (const line of await trap({ url, key: await keyFor('security'), home }, form[0] as Shown, async (recordId) => {
    const thief = need(await call(admin, 'POST', '/v1/access/keys', { name: 'demo stolen', role: 'application' }), 201);
    const read = (): Promise<Json> => call(thief.key, 'GET', `/v1/vault/records/${recordId}`, undefined, purpose('service.support'));
    need(await read(), 200);
    return { keyId: thief.id, ended: async () => void need(await read(), 401) };
  })) say(`   ${line}`); // prettier-ignore

  title(8, 'Who was never taught sees nobody');
  for (const line of await lapse({ url, key: admin, home }, customer.id)) say(`   ${line}`);

  title(9, 'Forget one customer');
  const receipt = need(
    await call(dpo, 'DELETE', `/v1/vault/subjects/${customer.subjectId}`, undefined, purpose('legal.request')),
    200,
  ) as unknown as Receipt;
  say(
    `   ${receipt.records} record, ${receipt.lookups} lookups, ${receipt.tokens} token, ${receipt.attachments} file are gone with the key ring; ${receipt.remains} rows remain; receipt in entry ${receipt.auditIndex}`,
  );
  need(await call(shop, 'GET', `/v1/vault/records/${customer.id}`, undefined, purpose('service.support')), 404);
  say('   reading that customer again: there is no such record. The token leads nowhere either.');
  need(await call(shop, 'POST', '/v1/vault/tokens/open', { token }, purpose('service.support')), 404);

  title(10, 'The system attacks itself');
  const place = { url, key: await keyFor('security'), home };
  const lines = isNight ? await wholeNight(place, { custodian, engineer: await keyFor('engineer'), security: place.key }) : await attackItself(place); // prettier-ignore
  for (const line of lines) say(`   ${line}`);

  title(11, 'The log is what was signed, and the records are what it tells of');
  const report = await verifyLog({ source: system.audit.source, verifierKey: system.audit.verifierKey });
  if (!report.ok) throw new Error(`the log does not verify: ${report.problems.join('; ')}`);
  say(`   ${report.size} entries, each hashed into one signed root: ${report.root}`);
  const verification = '/v1/vault/verification';
  const { result } = await finish(await call(custodian, 'POST', verification), verification);
  if (!result.ok) throw new Error('the records are not what the log tells of');
  say(`   ${result.records} records compared with the log: none changed, put back or taken out`);

  title(12, 'Nothing in clear on the disk');
  const words = [...(await clearWords()), FORM_EMAIL];
  const search = await filesWith(home, words);
  // a search that could find nothing would prove nothing: names of tables are in clear, and must be found
  if ((await filesWith(home, ['unique_lookups'])).found.length === 0)
    throw new Error('the search of the files does not work');
  if (search.found.length > 0)
    throw new Error(`clear values were found in ${search.found.map((each) => each.file).join(', ')}`);
  say(
    `   searched ${search.files} files (${Math.round(search.bytes / 2 ** 20)} MiB: tables, indexes, WAL, keys) for ${words.length} e-mail addresses, phones and streets of the import: none found`,
  );
}

/** What must not be on the disk: values of the import that are long and odd enough to be no accident. */
async function clearWords(): Promise<string[]> {
  const texts = await Promise.all(
    (await readdir(SHOP))
      .filter((name) => name.endsWith('-customers.csv'))
      .map((name) => readFile(join(SHOP, name), 'utf8')),
  );
  const cells = texts.flatMap((text) =>
    text
      .split('\n')
      .slice(1)
      .flatMap((line) => line.split(',')),
  );
  return [
    ...new Set(
      cells
        .map((cell) => cell.replaceAll('"', '').trim())
        .filter((cell) => cell.includes('@') || /^\+?[\d() -]{11,}$/.test(cell) || /^\d+ [A-Z][a-z]+ [A-Z]/.test(cell)),
    ),
  ];
}
