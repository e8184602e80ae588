/**
 * Findings of a text that streams by, each with its place. A piece overlaps the one before: what begins in its last stretch is
 * held until the next piece shows what stands behind it, so that nothing is cut in two or told twice.
 */
import type { DataClass } from '../catalog.ts';
import type { DetectedType, Detector, Reason, TextOptions } from '../detect/finding.ts';
import { classOfFinding } from '../gate/finding-class.ts';

export type PlacedFinding = Readonly<{
  type: DetectedType;
  detail: string | null;
  class: DataClass;
  /** From 1; `column` in UTF-16 code units. */
  line: number;
  column: number;
  /** From 0, of the whole text, in UTF-16 code units. */
  offset: number;
  length: number;
  confidence: number;
  level: 'certain' | 'suggest';
  reasons: readonly Reason[];
}>;
export type TextFindings = Readonly<{
  /**
   * @param overlap how many UTF-16 code units of `text` were the end of the piece before: 512 to 1,024, or all there was
   * @param onFinding its text is handed over apart, so that a finding itself never holds it
   */
  add: (text: string, overlap: number, onFinding: OnFinding) => void;
  /** What was held. @returns how many lines there were */
  end: (onFinding: OnFinding) => number;
}>;
export type OnFinding = (finding: PlacedFinding, value: () => string) => void;

/** Findings, but for private keys, are shorter, and so is what speaks for or against them. */
const HELD = 512;
export const CERTAIN_IN_TEXT = 0.8;

export function createTextFindings({ detectText }: Pick<Detector, 'detectText'>, options: TextOptions): TextFindings {
  let total = 0;
  /** Findings that begin before are told; lines are counted up to here. */
  let told = 0;
  /** Where the last one that was told ends. */
  let reached = 0;
  let line = 1;
  let lineStart = 0;
  let last = { text: '', base: 0 };

  const tell = (text: string, base: number, to: number, onFinding: OnFinding): void => {
    let at = told;
    const countTo = (place: number): void => {
      for (let lf = text.indexOf('\n', at - base); lf !== -1 && lf + base < place; lf = text.indexOf('\n', at - base)) {
        line += 1;
        at = lf + base + 1;
        lineStart = at;
      }
      at = Math.max(at, place);
    };
    for (const { type, start, end, confidence, reasons, detail } of detectText(text, options)) {
      const offset = base + start;
      if (offset < told || offset < reached) continue;
      if (offset >= to) break;
      countTo(offset);
      reached = base + end;
      onFinding(
        {
          type, detail, class: classOfFinding(type), line, column: offset - lineStart + 1, offset, length: end - start, confidence,
          level: confidence >= CERTAIN_IN_TEXT ? 'certain' : 'suggest', reasons,
        },
        () => text.slice(start, end),
      ); // prettier-ignore
    }
    countTo(to);
    told = to;
  };

  return {
    add: (text, overlap, onFinding) => {
      const base = total - overlap;
      total = base + text.length;
      last = { text, base };
      tell(text, base, Math.max(told, total - HELD), onFinding);
    },
    end: (onFinding) => {
      tell(last.text, last.base, total, onFinding);
      return total === 0 ? 0 : total > lineStart ? line : line - 1;
    },
  };
}
