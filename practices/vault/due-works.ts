/** Works that begin by themselves when their time has come; any server may ask, one begins. */
import { publicId, uuidv7 } from '#platform/ids';

import type { Core } from './core.ts';
import { countRings, findDue, startWork } from './store/works.ts';

export type WorkPlan = Readonly<{
  /** Hours between two verifications; 0: never by itself. */
  verifyHours: number;
  /** Age in days at which the key epoch is rotated; 0: never by itself. */
  epochDays: number;
}>;

/** @returns what was begun */
export async function beginDueWorks(core: Core, plan: WorkPlan): Promise<readonly ('epoch' | 'verify')[]> {
  const begun: ('epoch' | 'verify')[] = [];
  for (const what of await findDue(core.db, plan)) {
    const total = await countRings(core.db);
    const workId = uuidv7(core.clock().getTime());
    const row = await startWork(core.db, workId, what, total, 'schedule');
    // another server was quicker
    if (row.work_id !== workId) continue;
    begun.push(what);
    await core.audit.append({
      action: what === 'verify' ? 'vault.verify' : 'vault.rotate',
      actor: { kind: 'system', id: 'schedule' },
      outcome: 'done',
      detail: { what, work: publicId('work', workId), subjects: Number(total) },
    });
  }
  return begun;
}
