/** `strongroom collection scan` and `detect`: the CLI's readers and the practice's detectors in one process, so that no value leaves it. */
import {
  compareScan,
  createDetector,
  createTextFindings,
  createTextTally,
  declaredIn,
  DETECTED_TYPES,
  examineTable,
  namesSomething,
  parseCatalog,
  proposeCatalog,
  type DeclaredCollection,
  type TableReport,
  type TextOptions,
} from '#practices/collection';

import { detectCommand as runDetect, scanCommand as runScan, type ScanEngine } from '../cli/scan/index.ts';

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

export function detectCommand(args: readonly string[]): Promise<number> {
  const detector = createDetector();
  // types were compared with the list by the command
  return runDetect(args, {
    types: DETECTED_TYPES,
    open: (options) => createTextFindings(detector, options as TextOptions),
  });
}
