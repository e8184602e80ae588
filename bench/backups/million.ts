/** A million records backed up and restored: every table equals the source by counts and sums, every record opens. */
import { join } from 'node:path';

import { spreadOf } from '../rounds.ts';
import { goal, type Bench, type Measured, type Row } from '../row.ts';
import { dropHome } from './ours.ts';
import { withRoom } from './room.ts';
import { compareSums, sumsOf, sumsOfHome, unmoved } from './sums.ts';

const RSS_MIB = 300;

async function measure({ sizes, serverFlags, progress }: Bench): Promise<Measured> {
  const records = sizes.backupRecords;
  return withRoom(records, serverFlags, progress, async ({ folder, url, ours, importSeconds }) => {
    progress('counting and summing the source');
    const before = await sumsOf(url);
    progress('taking a backup');
    const backup = await ours.backup();
    const source = unmoved(before, await sumsOf(url));
    progress('restoring on an empty home');
    const home = join(folder, 'restored');
    const restored = await ours.restore(home);
    progress('counting and summing what was restored');
    compareSums(source, await sumsOfHome(home));
    await dropHome(home);
    const same = restored.passed && restored.records === records;
    const one = (value: number) => spreadOf([value]);
    const compared = Object.keys(source).length;
    return {
      sides: [
        { name: 'backup', unit: 's', spread: one(backup.seconds) },
        { name: 'restore, with replay, search index and proof', unit: 's', spread: one(restored.seconds) },
        { name: 'memory at most, the server during the backup', unit: 'MiB', spread: one(backup.peakMib) },
        { name: 'memory at most, the restore without its PostgreSQL', unit: 'MiB', spread: one(restored.peakMib) },
      ],
      goals: [
        goal('the restored equals the source by counts and sums, and every record opens', one(same ? 1 : 0), { atLeast: 1 }),
        goal(`of ${RSS_MIB} MiB, the server during the backup`, one(backup.peakMib / RSS_MIB), { atMost: 1 }),
        goal(`of ${RSS_MIB} MiB, the restore`, one(restored.peakMib / RSS_MIB), { atMost: 1 }),
      ],
      figures: [
        { name: 'customers', value: records, unit: '' },
        { name: 'records opened and compared with the log', value: restored.records, unit: '' },
        { name: 'tables compared by counts and sums', value: compared, unit: '' },
        { name: 'importing them', value: importSeconds, unit: 's' },
        { name: 'rows, keys and indexes of the restore', value: restored.rowsSeconds, unit: 's' },
        { name: 'reading them back and comparing', value: restored.compareSeconds, unit: 's' },
        { name: 'sealed', value: backup.run.sealedBytes / 1e6, unit: 'MB' },
      ],
    };
  });
} // prettier-ignore

export const million: Row = {
  name: 'restore-million',
  title: 'a million records, backed up and restored',
  how: [
    'One run. Customers are imported by `strongroom vault import`, backed up, and restored by `strongroom backups restore` on an empty home. Then the counts and order-free sums of every table of data and of the key rings are compared with the source (not of the log and of the backups themselves, nor of what follows the log and moved while the backup was taken; blind indexes are made anew), and the restore itself has opened every record and compared all with the log.',
  ],
  measure,
};
