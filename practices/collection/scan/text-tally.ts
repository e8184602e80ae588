/**
 * Free text and logs: findings counted by type while the text streams by. A piece overlaps the one before, so that nothing is cut in
 * two; what lies wholly in the overlap was counted already.
 */
import { wilson } from '../detect/columns/column-values.ts';
import type { DetectedType, Detector, Reason } from '../detect/finding.ts';
import { classOfFinding } from '../gate/finding-class.ts';
import type { ColumnReport, TableReport } from './scan-report.ts';

export type TextTally = Readonly<{
  /** @param overlap how many UTF-16 code units of `text` were the end of the piece before */
  add: (text: string, overlap: number) => void;
  report: (name: string) => TableReport;
}>;

type Count = { findings: number; lines: number; confidence: number; reasons: readonly Reason[]; details: Set<string> };
const CERTAIN = 0.8;
const SUGGEST = 0.5;

export function createTextTally(detector: Detector): TextTally {
  const counts = new Map<DetectedType, Count>();
  let lines = 0;
  return {
    add: (text, overlap) => {
      let lineAt = overlap;
      let line = lines;
      const lastLine = new Map<DetectedType, number>();
      for (const { type, end, start, confidence, reasons, detail } of detector.detectText(text, {
        minConfidence: SUGGEST,
      })) {
        if (end <= overlap) continue;
        for (let at = text.indexOf('\n', lineAt); at !== -1 && at < start; at = text.indexOf('\n', lineAt)) {
          lineAt = at + 1;
          line += 1;
        }
        const count = counts.get(type) ?? { findings: 0, lines: 0, confidence: 0, reasons, details: new Set() };
        counts.set(type, count);
        count.findings += 1;
        if (lastLine.get(type) !== line) count.lines += 1;
        lastLine.set(type, line);
        if (detail !== null) count.details.add(detail);
        if (confidence > count.confidence) Object.assign(count, { confidence, reasons });
      }
      for (let at = text.indexOf('\n', overlap); at !== -1; at = text.indexOf('\n', at + 1)) lines += 1;
    },
    report: (name) => ({
      name,
      kind: 'file',
      rows: lines,
      sampled: lines,
      columns: [...counts]
        .map(([type, count]) => columnOf(type, count, lines))
        .toSorted((a, b) => b.confidence - a.confidence),
    }),
  };
}

function columnOf(type: DetectedType, count: Count, lines: number): ColumnReport {
  return {
    name: 'text',
    sqlType: null,
    key: null,
    type,
    detail: count.details.size === 0 ? null : [...count.details].toSorted().slice(0, 5).join(', '),
    class: classOfFinding(type),
    level: count.confidence >= CERTAIN ? 'certain' : 'suggest',
    confidence: count.confidence,
    prevalence: wilson(Math.min(count.lines, Math.max(lines, 1)), Math.max(lines, 1)),
    reasons: [{ says: `${count.findings} in the text`, adds: 0 }, ...count.reasons],
    inText: [],
  };
}
