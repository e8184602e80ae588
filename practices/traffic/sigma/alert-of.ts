/** What a rule that fired says: one alert, with what it was measured by. */
import type { Alert } from '../alert.ts';
import type { TrafficEvent } from '../event.ts';
import type { CorrelationRule, SigmaRule } from './rule.ts';
import { entityOf, keyText, sharedEntity, type Part } from './say.ts';
import type { Fired } from './window.ts';

type Said = Readonly<{
  uid: string;
  event: TrafficEvent;
  time: number;
  parts: readonly Part[];
  fired: Fired | null;
  reason: string;
}>;

export function alertOf(rule: SigmaRule, { uid, event, time, parts, fired, reason }: Said): Alert {
  const limit =
    rule.kind === 'correlation' ? rule.correlation.bounds.find(({ op }) => op !== 'lt' && op !== 'lte') : undefined;
  return {
    uid,
    rule: rule.id,
    title: rule.title,
    severity: rule.level ?? 'low',
    key: keyText(parts),
    entity: fired === null ? entityOf(event) : sharedEntity(parts, event),
    time,
    events: fired === null ? [event.metadata.uid] : fired.uids,
    reason,
    ...(fired === null || limit === undefined
      ? {}
      : { measure: { name: measureOf(rule as CorrelationRule), value: fired.value, usual: 0, limit: limit.value } }),
    attack: rule.attack,
  };
}

const measureOf = ({ correlation }: CorrelationRule): string =>
  correlation.field === null ? 'matches' : `${correlation.type} of ${correlation.field}`;
