/** The door of traffic: what moves, what should not, and what is done about it. */
export type { Alert, Detector, Entity, Severity } from './alert.ts';
export type { TrafficEvent } from './event.ts';
export {
  accessLog,
  CLF,
  COMBINED,
  FORMATS,
  lineFormat,
  readLines,
  recognise,
  type Aside,
  type Counts,
  type FormatName,
  type LineFormat,
  type LineParser,
  type Parser,
  type ParserNeeds,
} from './formats/index.ts';
export { openCountries, type CountryOf } from './behaviour/addresses.ts';
export { createBehaviours, type Baselines, type Behaviours, type BehavioursOptions } from './behaviour/compose.ts';
export { createHoney, type Honey, type HoneyNeeds } from './behaviour/honey.ts';
export { judgeSlowScrape, type SlowScrapeFinding, type SlowScrapeQuestion } from './behaviour/slow-scrape.ts';
export * from './firewall/index.ts';
export * from './inspect/index.ts';
export * from './tls-policy/index.ts';
