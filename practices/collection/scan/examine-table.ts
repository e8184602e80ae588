/** A sampled table, column by column: what the detectors say, and what stands inside its longer texts. */
import type { DataClass } from '../catalog.ts';
import { wilson } from '../detect/columns/column-values.ts';
import { familyOf } from '../detect/columns/sql-types.ts';
import type { ColumnFinding, DetectedType, Detector } from '../detect/finding.ts';
import { classOfFinding } from '../gate/finding-class.ts';
import type { ColumnReport, InText, SampledColumn, SampledTable, TableReport } from './scan-report.ts';

/** A value this long may be a text with something in it; a shorter one is what its column is. */
const TEXT_FROM = 40;
/** Texts looked into per column: 200 tell a share of 5 % by ± 3. */
const MAX_TEXTS = 200;
const IN_TEXT_CONFIDENCE = 0.75;

export function examineTable(table: SampledTable, detector: Detector): TableReport {
  // said once: a document can have thousands of paths
  const siblings = table.columns.map(({ name }) => name);
  return {
    name: table.name,
    kind: table.kind,
    rows: table.rows,
    sampled: table.sampled,
    columns: table.columns.map((column) => examineColumn(column, table, siblings, detector)),
  };
}

function examineColumn(
  column: SampledColumn,
  table: SampledTable,
  siblings: readonly string[],
  detector: Detector,
): ColumnReport {
  const { name, sqlType, key, samples } = column;
  const found = detector.detectColumn({
    name,
    table: table.name,
    siblings,
    samples,
    // bytes that read as text are judged as text: readers give no sample of others
    ...(sqlType === null || (familyOf(sqlType) === 'binary' && samples.some((each) => each !== null))
      ? {}
      : { sqlType }),
    ...(table.rows === null ? {} : { rowCount: table.rows }),
  });
  const { type, detail, level, confidence, prevalence, reasons } = found;
  return {
    name, sqlType, key, type, detail, level, confidence, prevalence, reasons,
    class: classOfColumn(found),
    inText: level === 'certain' && detail !== 'in text' ? [] : inTexts(samples, detector),
  }; // prettier-ignore
}

/** The street where somebody lives says more than the town: it is where they can be found. */
export function classOfColumn({ type, detail }: Pick<ColumnFinding, 'type' | 'detail'>): DataClass | null {
  if (type === null) return null;
  return type === 'postal-address' && detail === 'street' ? 'sensitive' : classOfFinding(type);
}

function inTexts(samples: SampledColumn['samples'], detector: Detector): InText[] {
  const texts: string[] = [];
  for (const sample of samples) {
    if (typeof sample === 'string' && sample.length >= TEXT_FROM) texts.push(sample);
    if (texts.length === MAX_TEXTS) break;
  }
  const hits = new Map<DetectedType, number>();
  for (const text of texts) {
    const types = new Set(
      detector.detectText(text, { minConfidence: IN_TEXT_CONFIDENCE, maxFindings: 100 }).map(({ type }) => type),
    );
    for (const type of types) hits.set(type, (hits.get(type) ?? 0) + 1);
  }
  return [...hits]
    .map(([type, count]) => ({ type, prevalence: wilson(count, texts.length) }))
    .toSorted((a, b) => b.prevalence.share - a.prevalence.share);
}
