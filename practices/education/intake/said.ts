/** What a stranger wrote, made fit to be kept and shown: bounded, and without characters that make it read as something else. */
import { REPORT_KINDS, type ReportKind } from '../store/intake.ts';

export const WHEN = ['now', 'today', 'yesterday', 'earlier', 'unknown'] as const;
export type When = (typeof WHEN)[number];
/** In UTF-16 code units. */
export const MOST = { words: 4000, reach: 200, reply: 2000 } as const;

export type Said = Readonly<{ kind: ReportKind; when: When; words: string; reach: string }>;
export type Fault = 'kind' | 'words' | 'reach';

/** Overrides of direction, language tags, and controls but line ends and tabs. */
const HIDDEN =
  /[^\P{Cc}\n\t]|[\p{Zl}\p{Zp}\p{Bidi_Control}\p{Noncharacter_Code_Point}\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

export function plainWords(text: string): string {
  return (
    text
      .toWellFormed()
      .replaceAll(/\r\n?/g, '\n')
      .replaceAll(HIDDEN, '')
      .normalize('NFC')
      // marks that are piled up cover the lines above
      .replaceAll(/(\p{M}{4})\p{M}+/gu, '$1')
      .replaceAll(/\n{4,}/g, '\n\n\n')
      .trim()
  );
}

/** @returns what is wrong where it cannot be taken */
export function readSaid(form: Readonly<Record<string, string>>): Said | Fault {
  const kind = REPORT_KINDS.find((each) => each === form.kind);
  if (kind === undefined) return 'kind';
  const when = WHEN.find((each) => each === form.when) ?? 'now';
  const [words, reach] = [plainWords(form.words ?? ''), plainWords(form.reach ?? '').replaceAll('\n', ' ')];
  if (words.length > MOST.words) return 'words';
  return reach.length > MOST.reach ? 'reach' : { kind, when, words, reach };
}
