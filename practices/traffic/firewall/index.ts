/** The door of the firewall: a declared policy, the rules it means, loading them with a way back, blocking addresses. */
export { LONGEST_BLOCK_SECONDS } from './live-table.ts';
export { changeText, type Change } from './difference.ts';
export { WIDEST, type AskedBlock, type BlockRefusal } from './block.ts';
export { CONFIRM_SECONDS, createFirewall, type Applied, type Blocked, type Checked, type Firewall, type FirewallNeeds, type Plan } from './firewall.ts'; // prettier-ignore
export { lockouts, type Lockout, type Operator } from './lockout.ts';
export { createNft, type Nft, type NftCommand } from './nft.ts';
export { replacing, tableText, type Block } from './nft-text.ts';
export { parsePolicy, type ReadPolicy } from './parse-policy.ts';
export type { PolicyProblem } from './policy-fields.ts';
export type { FirewallPolicy } from './policy.ts';
export { rulesetOf, type Ruleset } from './ruleset.ts';
export { simulate, type Packet, type Verdict } from './simulate.ts';
export { spanText } from './spans.ts';
export type { Finding } from './verify/expected.ts';
export { verifyHere, verifyInNamespace, type Live, type Verified } from './verify/verify.ts';
