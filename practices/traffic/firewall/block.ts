/**
 * What may be blocked, and for how long. An allow list always wins: administrators, this machine, loopback, the link, what
 * the policy says is never blocked. Every block has an end.
 */
import { LONGEST_BLOCK_SECONDS } from './live-table.ts';
import { blockSetOf, elementText, TABLE, type Block } from './nft-text.ts';
import type { FirewallPolicy } from './policy.ts';
import { covers, overlap, prefixOf, spanOf, spanText, type Span } from './spans.ts';

/** Nothing wider is blocked: a customer's whole provider is not one attacker. */
export const WIDEST = { 4: 24, 6: 48 } as const;

/** `by`: from where it is asked; nobody blocks themselves. */
export type AskedBlock = Readonly<{ address: string; seconds: number; reason: string; by?: string }>;
export type BlockRefusal = Readonly<{ says: string; hint: string }>;
export type Judged = Readonly<{ ok: true; block: Block }> | Readonly<{ ok: false; refusal: BlockRefusal }>;
export type Protected = Readonly<{ span: Span; as: string }>;

const ALWAYS = [
  ['127.0.0.0/8', 'this machine itself'],
  ['::1', 'this machine itself'],
  ['0.0.0.0/8', 'addresses that are none'],
  ['::', 'addresses that are none'],
  ['169.254.0.0/16', 'the link'],
  ['fe80::/10', 'the link: neighbour discovery comes from there'],
  ['224.0.0.0/4', 'groups of machines'],
  ['255.255.255.255', 'groups of machines'],
  ['ff00::/8', 'groups of machines'],
] as const;

/** @param own addresses of this machine's interfaces */
export function protectedBy(policy: FirewallPolicy, own: readonly string[]): readonly Protected[] {
  const named = (texts: readonly (readonly [string, string])[]): readonly Protected[] =>
    texts.flatMap(([text, as]) => {
      const span = spanOf(text);
      return span === null ? [] : [{ span, as }];
    });
  return [
    ...policy.admin.networks.map((span) => ({ span, as: 'administrators' })),
    ...policy.neverBlock.map((span) => ({ span, as: 'the list neverBlock of the policy' })),
    ...named(own.map((address) => [address, 'this machine itself'])),
    ...named(ALWAYS),
  ];
}

export function judgeBlock({ address, seconds, reason, by }: AskedBlock, allowed: readonly Protected[]): Judged {
  const refuse = (says: string, hint: string): Judged => ({ ok: false, refusal: { says, hint } });
  const span = spanOf(address);
  if (span === null) return refuse('this is no address and no network', 'such as 192.0.2.7 or 2001:db8:7::/48');
  const bits = prefixOf(span) ?? 0;
  if (bits < WIDEST[span.family])
    return refuse(`${spanText(span)} is wider than /${WIDEST[span.family]}`, 'block the narrowest that is known to attack; a rule for more belongs in the policy'); // prettier-ignore
  const over = allowed.find((each) => overlap(each.span, span));
  if (over !== undefined)
    return refuse(`${spanText(span)} has addresses of ${over.as} (${spanText(over.span)}), which are never blocked`, 'revoke the key, end the session or throttle the actor instead'); // prettier-ignore
  const asking = by === undefined ? null : spanOf(by);
  if (asking !== null && overlap(asking, span))
    return refuse(
      `${spanText(span)} has the address that you ask from`,
      'ask from another one, if it is an attacker’s too',
    );
  if (!Number.isFinite(seconds) || seconds < 1 || seconds > LONGEST_BLOCK_SECONDS)
    return refuse('a block has an end', `from 1 to ${LONGEST_BLOCK_SECONDS} seconds (30 days)`);
  return { ok: true, block: { span, seconds: Math.floor(seconds), reason } };
}

/** Blocks that the allow list no longer permits are not carried on. */
export const stillPermitted = (blocks: readonly Block[], allowed: readonly Protected[]): readonly Block[] =>
  blocks.filter(({ span }) => !allowed.some((each) => overlap(each.span, span)));

/**
 * One transaction. Adding does not change the time of an element that is there, so it is taken out first; a set of
 * addresses needs no look at what is there for that, a set of networks refuses whatever overlaps.
 * @param there what is blocked now, for a network
 */
export function blockText(block: Block, there: readonly Block[]): string {
  const { span } = block;
  const add = `add element inet ${TABLE} ${nameOfSet(span)} { ${elementText(block)} }\n`;
  if (span.first === span.last) return `${add}${unblockText(span)}${add}`;
  const replaced = there.filter((each) => each.span.first !== each.span.last && covers([span], each.span));
  return `${replaced.map((each) => unblockText(each.span)).join('')}${add}`;
}

export const unblockText = (span: Span): string => `delete element inet ${TABLE} ${nameOfSet(span)} { ${spanText(span)} }\n`; // prettier-ignore

function nameOfSet(span: Span): string {
  const set = blockSetOf(span);
  if (set === null) throw new Error('a block is one network');
  return set.name;
}
