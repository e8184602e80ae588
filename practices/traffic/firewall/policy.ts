/**
 * What a firewall policy says, once it was read (parse-policy.ts). Names are a–z, 0–9 and hyphens: they reach nftables'
 * language, and nothing else that somebody wrote does.
 */
import type { Span } from './spans.ts';

export type Transport = 'tcp' | 'udp';
/** `any` is everybody, of both families. */
export type Whom = 'any' | readonly Span[];

/** New connections (UDP: flows) that one address may begin; IPv6 counts by /64, which is one subscriber (RFC 6177). */
export type Rate = Readonly<{ connections: number; per: 'second' | 'minute' | 'hour'; burst: number }>;

export type Listener = Readonly<{ name: string; port: number; protocol: Transport; from: Whom; rate: Rate | null }>;
export type Egress = Readonly<{ name: string; to: Whom; protocol: Transport; ports: readonly number[] }>;

export type FirewallPolicy = Readonly<{
  /** INVARIANT: never empty, and always let in. */
  admin: Readonly<{ networks: readonly Span[]; ports: readonly number[] }>;
  listeners: readonly Listener[];
  /** `any`: what leaves is not filtered. */
  egress: 'any' | readonly Egress[];
  /** Who may ping; errors that path MTU discovery and neighbour discovery need are always let in. */
  ping: Whom;
  /** Never blocked by anybody: proxies in front, monitoring. */
  neverBlock: readonly Span[];
  /** Lines a second about what was dropped; null writes none. */
  log: Readonly<{ perSecond: number }> | null;
}>;

/** Each is far above what a machine needs, and far below what slows nft down. */
export const MOST = {
  listeners: 256,
  networks: 4096,
  ports: 64,
  egress: 256,
  /** UTF-16 code units of a policy file. */
  characters: 1024 * 1024,
  problems: 50,
} as const;
