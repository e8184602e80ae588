/** `strongroom collection scan`: the CLI's readers and the practice's detectors in one process, so that no value leaves it. */
import {
  compareScan,
  createDetector,
  createTextTally,
  declaredIn,
  examineTable,
  namesSomething,
  parseCatalog,
  proposeCatalog,
  type DeclaredCollection,
  type TableReport,
} from '#practices/collection';

import { scanCommand as runScan, type ScanEngine } from '../cli/scan/index.ts';

export function scanCommand(args: readonly string[]): Promise<number> {
  const detector = createDetector();
  const engine: ScanEngine<TableReport> = {
    examineTable: (table) => examineTable(table, detector),
    openText: () => createTextTally(detector),
    propose: (report, collection) => proposeCatalog(report, { collection }),
    compare: (report, declared, binding) => compareScan(report, declared as DeclaredCollection[], binding),
    declaredIn: (document, file) => declaredIn(parseCatalog(document, { file })),
    knowsName: namesSomething,
  };
  return runScan(args, engine);
}
