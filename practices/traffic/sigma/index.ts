/** Sigma: detection rules in the community's format (https://sigmahq.io), run on traffic's events. */
export type { RuleFault } from './fault.ts';
export type { SigmaRule } from './rule.ts';
export { createSigma, type RuleState, type Sigma, type SigmaNeeds } from './engine.ts';
export { readRules, type RuleText } from './read-rules.ts';
