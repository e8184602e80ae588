/** All that is to be known of a document before anybody approves it. */
import { checkDocument, type DocumentFault, type KnownTexts } from './check-document.ts';
import { diffMatrices, type MatrixDiff } from './diff-matrices.ts';
import { openEngine, type Engine } from './engine.ts';
import { brokenRules, type Broken } from './invariants.ts';
import { enumerateOnce, factsLookedAt, type MatrixNames } from './matrix.ts';
import type { PolicyDocument } from './policy-document.ts';
import type { Reach } from './surroundings.ts';

export type DocumentReview = Readonly<{
  ok: boolean;
  faults: readonly DocumentFault[];
  notes: readonly DocumentFault[];
  broken: readonly Broken[];
  /** Policies that decide nothing in any cell. */
  idle: readonly string[];
  /** Against the policies that hold; null while there are faults. */
  diff: MatrixDiff | null;
}>;

/** @throws ACCESS_MATRIX_TOO_LARGE */
export async function reviewDocument(
  document: PolicyDocument,
  active: Engine,
  names: MatrixNames,
  reach: Reach = {},
  texts?: KnownTexts,
): Promise<DocumentReview> {
  const known = { purposes: new Set(names.purposes), collections: new Set(names.collections), reach, texts };
  const { faults, notes } = checkDocument(document, known);
  if (faults.length > 0) return { ok: false, faults, notes, broken: [], idle: [], diff: null };
  const engine = openEngine(document);
  try {
    const over = factsLookedAt(active, engine);
    const [held, after] = [await enumerateOnce(active, names, over), await enumerateOnce(engine, names, over)];
    const broken = brokenRules(document, after, reach);
    return { ok: broken.length === 0, faults, notes, broken, idle: after.idle, diff: diffMatrices(held, after) };
  } finally {
    engine.close();
  }
}
