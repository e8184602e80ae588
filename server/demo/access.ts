/** One customer, one question, and to each role what its work needs; more of it for a time, when another agrees. */
import { inWords, SUPPORT, type Stage } from './stage.ts';

const NAMES = ['first_name', 'last_name', 'email', 'phone', 'address'];
const ASKERS = [
  ['application', 'the shop ', SUPPORT],
  ['billing', 'billing  ', 'service.billing'],
  ['support', 'support  ', SUPPORT],
] as const;

export async function access(stage: Stage): Promise<void> {
  const { line, ask } = stage;
  const { id, subjectId } = await stage.customer();
  const path = `/v1/vault/records/${id}`;
  for (const [role, name, purpose] of ASKERS) {
    const read = await ask(200, 'GET', path, { as: role, purpose });
    line(`${name} ${inWords(read.fields, NAMES)}`);
  }
  const refused = await ask(403, 'GET', path, { as: 'marketing', purpose: SUPPORT });
  line(`marketing refused: ${refused.detail} (entry ${refused.auditIndex} of the log)`);

  const reason = 'his parcel is at the wrong door, and he does not answer his mail';
  line(`support asks to see his number for a quarter of an hour: “${reason}”`);
  const wanted = { for: SUPPORT, classes: 'personal', subjects: subjectId, reason, reads: '1', minutes: '15' };
  const options = Object.entries(wanted).flatMap(([option, value]) => [`--${option}`, value]);
  const asked = JSON.parse(await stage.quiet('support', ['access', 'request', ...options, '--json'])) as Readonly<{ id: string; scopeHash: string }>; // prettier-ignore
  line('$ strongroom access approve …, by the data protection officer; $ strongroom access activate …');
  await stage.quiet('dpo', ['access', 'approve', asked.id, '--hash', asked.scopeHash]);
  await stage.quiet('support', ['access', 'activate', asked.id]);
  for (const says of ['once, in clear', 'and then as before']) {
    const read = await ask(200, 'GET', path, { as: 'support', purpose: SUPPORT });
    line(`${says}: ${inWords(read.fields, ['phone'])} (entry ${read.auditIndex} of the log was durable before this left)`);
  } // prettier-ignore
}
