/** The customer himself: what is held, who looked at it, no more of this, and forget me. */
import { createStrongroom } from '@strongroom/sdk';

import { visitor } from '../visitor.ts';
import { restored } from './backups.ts';
import { comeIn } from './person.ts';
import { EMAIL, inWords, SUPPORT, type Stage } from './stage.ts';

const NEWSLETTER = 'marketing.newsletter';

export async function privacy(stage: Stage, token: string): Promise<void> {
  const { line, ask } = stage;
  const { id, subjectId } = await stage.customer();
  const center = visitor(() => stage.system, () => stage.url); // prettier-ignore
  const cookie = await center.signIn(EMAIL);
  line(`Luís signs in at ${stage.url}/center/ by a code from a mail`);
  const seen = (await center.ask('/center/seen', { cookie })).text;
  const looks = new Set([...seen.matchAll(/\/center\/seen\/\d+/g)].map(([found]) => found));
  line(`“Who saw your data” shows him ${looks.size} looks, each with a proof from the log`);

  const says = async (said: string): Promise<void> => {
    const form = { purpose: NEWSLETTER, said };
    const answer = await center.ask('/center/preferences', { cookie, form });
    if (answer.status !== 303) throw new Error(`the center met ${answer.status} where a choice was due`);
  };
  const read = (status: number) => ask(status, 'GET', `/v1/vault/records/${id}`, { as: 'marketing', purpose: NEWSLETTER });
  await says('yes');
  line(`he says yes to the newsletter, and marketing sees ${inWords((await read(200)).fields, ['email', 'phone'])}`);
  await says('no');
  const stopped = await read(403);
  line(`he takes it back, and the very next read is refused: ${stopped.detail} (entry ${stopped.auditIndex} of the log)`);

  const own = createStrongroom({ url: stage.url, key: await stage.key('customer-sign-in') });
  const { url } = await own.privacyRequests.assertSignedIn({ subject: subjectId, factors: 2, signedInAt: new Date().toISOString() });
  await center.ask(new URL(url).pathname, { cookie, form: {} });
  await center.ask('/center/requests', { cookie, form: { kind: 'erasure', words: '' } });
  const [request] = (JSON.parse(await stage.quiet('dpo', ['privacy', 'requests', 'list', '--json'])) as Readonly<{ requests: readonly Readonly<{ id: string }>[] }>).requests;
  if (request === undefined) throw new Error('his request did not arrive');
  line(`he asks to be forgotten: ${request.id}; a first officer decides, and a second one agrees`);
  for (const name of ['Olga Officer', 'Otto Officer']) {
    const officer = await comeIn(stage, name, 'dpo');
    await officer.learn();
    await officer.call(200, 'POST', `/v1/privacy/requests/${request.id}/decide`, { decision: 'fulfil', answer: 'You are forgotten.' });
  }
  await ask(404, 'GET', `/v1/vault/records/${id}`, { as: 'application', purpose: SUPPORT });
  await ask(404, 'POST', '/v1/vault/tokens/open', { as: 'application', purpose: SUPPORT, body: { token } });
  line('his key ring is destroyed: there is no such record, the token leads nowhere, and the file beside it opens for nobody');
  await restored(stage);
} // prettier-ignore
