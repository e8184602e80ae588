/** Somebody learns, is shut off, and learns again: the same read, three times. */
import { comeIn } from './person.ts';
import { SUPPORT, type Stage } from './stage.ts';

const COURSE = 'purpose-and-minimum';

/** @throws Error when a door is open that is to be shut, or the other way */
export async function education(stage: Stage): Promise<void> {
  const { line } = stage;
  const { id: recordId } = await stage.customer();
  const nora = await comeIn(stage, 'Nora New', 'support');
  const read = (status: number) => nora.call(status, 'GET', `/v1/vault/records/${recordId}`, undefined, SUPPORT);
  line(`Nora is new in support, and asks for a customer: ${(await read(403)).detail}`);

  const task = await nora.call(201, 'POST', '/v1/education/exercises/find-a-caller/tries');
  const phone = /\+49[\d ]+\d/.exec(task.brief)?.[0] ?? '';
  const caller = { collection: 'customer', where: { phone }, fields: ['phone'] };
  const found = await nora.call(200, 'POST', '/v1/vault/records/search', caller, SUPPORT);
  if (found.records.length !== 1) throw new Error('the made-up caller was not found');
  await read(403);
  const { verdict } = await nora.call(200, 'POST', `/v1/education/tries/${task.try.id}/hand-in`);
  if (verdict !== 'passed') throw new Error('the exercise was not passed');
  line(`she practises “${task.title}” on a made-up caller, whom alone she sees; the log says that she did it: ${verdict}`);

  await nora.learn();
  await read(200);
  line('she passes and signs what the role asks for: the same read is answered');
  await stage.quiet('administrator', ['education', 'revoke', 'course', COURSE, nora.id, '--because', 'the demo']);
  line(`$ strongroom education revoke course ${COURSE} per_… --because …`);
  line(`the very next read: ${(await read(403)).detail}`);
  await nora.pass(COURSE);
  await read(200);
  line('she passes it again: answered');
} // prettier-ignore
