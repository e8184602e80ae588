/** Only what is needed comes in, and what is not needed any more goes. */
import { fileURLToPath } from 'node:url';

import { importTable } from './cli.ts';
import { SUPPORT, type Stage } from './stage.ts';

const SHOP = fileURLToPath(new URL('../../examples', import.meta.url));
/** Somebody who left the shop long ago. */
const GONE = 'leonekohler@surfeu.de';
const CLOSED = '2023-01-01T00:00:00Z';

export async function collection(stage: Stage): Promise<void> {
  const { line, ask, run } = stage;
  const quiet = (args: readonly string[]): Promise<string> => stage.quiet('dpo', ['collection', 'retention', ...args]);
  for (const name of ['chinook', 'sakila']) {
    line(`$ strongroom vault import examples/${name}-customers.csv --map examples/${name}.map.yaml`);
    line(await importTable({ url: stage.url, home: stage.home, key: await stage.key('application') }, SHOP, name));
  }
  const shoes = { collection: 'customer', fields: { last_name: 'Nobody', shoe_size: '44' } };
  const refused = await ask(422, 'POST', '/v1/vault/records', { as: 'application', purpose: SUPPORT, body: shoes });
  line(`a shoe size beside the name: refused, ${refused.code}; nobody has said what it is needed for`);

  const { subjectId } = await stage.find(GONE);
  await run('application', ['collection', 'event', 'account.closed', '--subject', subjectId, '--at', CLOSED]);
  const plan = JSON.parse(await quiet(['plan', '--json'])) as Readonly<{ id: string; planHash: string }>;
  await quiet(['run', plan.id, '--plan-hash', plan.planHash]);
  line('$ strongroom collection retention plan, run, prove');
  line(await quiet(['prove']));
}
