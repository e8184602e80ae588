/** The door of traffic: what moves, what should not, and what is done about it. */
export type { Alert, Detector, Entity, Severity } from './alert.ts';
export type { TrafficEvent } from './event.ts';
export {
  accessLog,
  CLF,
  COMBINED,
  FORMATS,
  lineFormat,
  readAny,
  readDatagramLines,
  readLines,
  readNetflow,
  readWire,
  recognise,
  type Aside,
  type Counts,
  type DatagramParser,
  type FormatName,
  type LineFormat,
  type LineParser,
  type Parser,
  type NetflowParser,
  type ParserNeeds,
  type ReadAnything,
  type ReadAs,
  type WireParser,
} from './formats/index.ts';
export * from './behaviour/index.ts';
export * from './firewall/index.ts';
export * from './inspect/index.ts';
export * from './tls-policy/index.ts';
export { shippedRules } from './detect/rule-shelf.ts';
export { trafficFailure } from './failures.ts';
export { trafficRoutes } from './http/index.ts';
export { countOpenCases } from './store/cases.ts';
export { createTraffic, type Traffic } from './traffic.ts';
export { createSigma, readRules } from './sigma/index.ts';
export type { RuleFault, RuleState, RuleText, Sigma, SigmaNeeds, SigmaRule } from './sigma/index.ts';
export * from './sensors/index.ts';
export { readFeeds, type DeclaredFeed, type DeclaredFeeds } from './sensors/declared-feeds.ts';
