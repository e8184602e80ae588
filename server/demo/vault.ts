/** Sealed field by field under a key of his own; found, passed on and renewed without lying open anywhere. */
import { keepFile, sealedForm } from './cli.ts';
import { SUPPORT, type Stage } from './stage.ts';

/** Of the customer whose form comes sealed. */
export const FORM_EMAIL = 'ada.lovelace@analytical.example';
const ROTATIONS = [
  ['epoch', 'all key rings wrapped anew, the old epoch key destroyed'],
  ['keys', 'every field sealed anew under fresh keys'],
  ['index', 'search made anew under a fresh key'],
] as const;

export async function vault(stage: Stage): Promise<{ token: string }> {
  const { line, ask, url, home } = stage;
  const customer = await stage.customer();
  const where = { collection: 'customer', where: { last_name: { prefix: 'go' } } };
  const found = await ask(200, 'POST', '/v1/vault/records/search', { as: 'support', purpose: SUPPORT, body: where });
  line(`last names that begin with "go", found without opening any: ${found.records.map((each) => each.fields.last_name?.masked).join(', ')}`);

  const field = { recordId: customer.id, field: 'phone', kind: 'format' };
  const { token } = await ask(201, 'POST', '/v1/vault/tokens', { as: 'application', purpose: SUPPORT, body: field });
  const opened = await ask(200, 'POST', '/v1/vault/tokens/open', { as: 'application', purpose: SUPPORT, body: { token } });
  line(`other systems keep ${token} for his phone; who may, opens it again: ${opened.value}`);

  for (const said of await keepFile({ url, home, key: await stage.key('application') }, customer.id)) line(said);
  for (const said of await sealedForm({ url, home, key: await stage.key('intake') }, FORM_EMAIL)) line(said);

  for (const [what, words] of ROTATIONS) {
    const begun = await ask(202, 'POST', '/v1/vault/rotations', { as: 'custodian', body: { what } });
    const { done, total } = await ended(stage, begun, `/v1/vault/rotations/${begun.id}`);
    line(`while it serves, ${words}: ${done} of ${total} subjects`);
  }
  return { token };
} // prettier-ignore

/** Waits for a long work. @throws Error when it ended otherwise than done */
export async function ended(stage: Stage, begun: Work, path: string): Promise<Work> {
  let work = begun;
  while (work.state === 'running') {
    await new Promise((resolve) => setTimeout(resolve, 100));
    work = await stage.ask(200, 'GET', path, { as: 'custodian' });
  }
  if (work.state !== 'done') throw new Error(`the work at ${path} ended as ${work.state}`);
  return work;
}
type Work = Awaited<ReturnType<Stage['ask']>>;
