/** The door of request inspection. */
import { inspectorBy, type Inspector } from './inspect.ts';
import { openLibddwaf } from './libddwaf.ts';
import { openOwn } from './own-engine.ts';

export { isRefused, type Inspection, type InspectMode, type Inspector, type Match } from './inspect.ts';
export { createAllowance } from './allowance.ts';
export { doorParts, textParts, type Asked } from './asked.ts';
export type { Looked, RequestInspection } from './inspection.ts';
export type { Part } from './parts.ts';
export { PLACES, SIGNATURES, type Place, type Signature } from './signatures.ts';

/**
 * @param budgetMs for one request; what is not done by then is `unsure`
 * @param engine `own` where libddwaf is not wanted; it also serves where libddwaf does not load
 */
export function createInspector({
  budgetMs = 50,
  engine = 'libddwaf',
}: Readonly<{ budgetMs?: number; engine?: Inspector['engine'] }> = {}): Inspector {
  // prettier-ignore
  if (engine === 'own') return inspectorBy(openOwn(budgetMs), 'own patterns: asked for');
  try {
    return inspectorBy(openLibddwaf(budgetMs), 'libddwaf');
  } catch (error) {
    return inspectorBy(openOwn(budgetMs), `own patterns: libddwaf does not load here (${(error as Error).message.slice(0, 300)})`); // prettier-ignore
  }
}
