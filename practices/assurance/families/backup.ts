/** There is a backup, it is new enough, and a restore of it was tried. */
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
]; // prettier-ignore
