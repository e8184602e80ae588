/** There is a backup, it is new enough, a restore of it was tried, and what lies in the stores is what was put there. */
import { CannotTell, controlTest } from '../kit/control-test.ts';

export const BACKUP = [
  controlTest({
    id: 'BACKUP-01',
    practice: 'backups',
    title: 'There is a backup of today',
    hypothesis: 'The newest backup of the data and of the keys is younger than twice the time between two.',
    kind: 'observe',
    severity: 'critical',
    asks: ['prevented'],
    maps: { csf: ['PR.DS-11'], sp80053: ['cp-9'] },
    run: async (kit) => {
      const { isSetUp, everyHours, hours, keyHours } = await kit.desk.standing('backups');
      if (isSetUp !== true) throw new CannotTell('no backup is set up: strongroom backups keys');
      const most = 2 * Math.max(1, Number(everyHours));
      for (const [what, age] of [['data', hours], ['keys', keyHours]] as const)
        kit.prevented(typeof age === 'number' && age <= most, `the newest backup of the ${what} is ${age === null ? 'none' : 'too old'}`);
    },
  }),
  controlTest({
    id: 'BACKUP-02',
    practice: 'backups',
    title: 'A restore was tried, and it was right',
    hypothesis: 'The last drill passed, and it is not older than drills are apart.',
    kind: 'restore',
    severity: 'high',
    asks: ['prevented'],
    maps: { csf: ['RC.RP-03', 'PR.DS-11'], sp80053: ['cp-9.1', 'cp-4'] },
    run: async (kit) => {
      const { isSetUp, everyDays, hours, passed } = await kit.desk.standing('drills');
      if (isSetUp !== true) throw new CannotTell('no backup is set up: strongroom backups keys');
      if (hours === null) throw new CannotTell('no restore has been tried yet: strongroom backups drill');
      kit.prevented(passed === true, 'the last restore that was tried was not right');
      kit.prevented(Number(hours) <= 24 * (Number(everyDays) + 1), `the last restore that was tried is ${Math.round(Number(hours) / 24)} days old`);
    },
  }),
  controlTest({
    id: 'BACKUP-03',
    practice: 'backups',
    title: 'What lies in the stores is what was put there',
    hypothesis: 'Objects of backups are read back, each is what was written, locked for as long as it has to be, and none is known to be damaged.',
    kind: 'restore',
    severity: 'critical',
    asks: ['prevented'],
    maps: { csf: ['PR.DS-11'], sp80053: ['cp-9.1', 'si-7'], attack: ['T1490', 'T1565.001'] },
    run: async (kit) => {
      const { read, objects, faulty, faults } = await kit.desk.standing('stored');
      if (objects === 0) throw new CannotTell('no backup lies in a store: strongroom backups run');
      if (read === 0 && faulty === 0) throw new CannotTell('nothing could be read back');
      kit.prevented(faulty === 0, `${String(faulty)} of ${String(objects)} objects: ${(faults as readonly string[]).join(', ')}`);
    },
  }),
]; // prettier-ignore
