/** Why a rule matched, in words: its selections and the fields they looked at, without what stood in them. */
import type { TrafficEvent } from '../event.ts';
import { namesIn } from './condition.ts';
import { compileDetection } from './compile.ts';
import type { SingleRule } from './rule.ts';
import { createSlots, View } from './view.ts';

/** Only for what has matched: it compiles each selection anew, which nobody waits for at the rate of alerts. */
export function explanationOf({ detection }: SingleRule, event: TrafficEvent): string {
  const shown: string[] = [];
  for (const name of namesIn(detection.condition)) {
    const slots = createSlots();
    const matches = compileDetection({ selections: detection.selections, condition: { op: 'is', name } }, slots);
    const view = new View(slots.fields);
    view.look(event);
    if (!matches(view)) continue;
    const fields = new Set(detection.selections.get(name)?.flatMap((tests) => tests.map(({ field }) => field.path)));
    shown.push(`${[...fields].slice(0, 6).join(', ')} (selection «${name}»)`);
  }
  return shown.length === 0 ? 'matched by what is not in the event' : `matched by ${shown.slice(0, 6).join('; ')}`;
}
