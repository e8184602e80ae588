/**
 * What `nft -j list table` says is loaded (libnftables-json(5)), each rule written as ruleset text: so it compares with
 * what is declared. Statements that this program never writes come out as they are, and so are seen as foreign.
 */
import { BLOCK_SETS } from './ruleset.ts';
import { TABLE, type Block } from './nft-text.ts';
import type { Nft } from './nft.ts';
import { networksIn, spanOf, type Span } from './spans.ts';

export type LiveRule = Readonly<{ text: string; name: string }>;
export type LiveChain = Readonly<{ name: string; otherwise: string; rules: readonly LiveRule[] }>;
export type LiveTable = Readonly<{ chains: readonly LiveChain[]; sets: readonly string[]; blocks: readonly Block[] }>;

/** A block that somebody set by hand without an end gets one. */
export const LONGEST_BLOCK_SECONDS = 30 * 86_400;

type Json = Readonly<Record<string, unknown>>;

/**
 * @returns null where there is no such table
 * @throws when nft cannot be run, or says what is no answer
 */
export async function readLive(nft: Nft): Promise<LiveTable | null> {
  const listed = await nft.run(['-j', 'list', 'tables', 'inet']);
  if (listed.code !== 0) throw new Error(`nft does not list tables: ${listed.stderr.trim().slice(0, 500)}`);
  const there = parts(listed.stdout).some(({ table }) => (table as Json | undefined)?.['name'] === TABLE);
  if (!there) return null;
  const table = await nft.run(['-j', 'list', 'table', 'inet', TABLE]);
  if (table.code !== 0) throw new Error(`nft does not list the table: ${table.stderr.trim().slice(0, 500)}`);
  return liveOf(parts(table.stdout));
}

const parts = (json: string): readonly Json[] => (JSON.parse(json) as { nftables?: readonly Json[] }).nftables ?? [];

function liveOf(all: readonly Json[]): LiveTable {
  const of = (kind: string): readonly Json[] => all.flatMap((each) => (each[kind] === undefined ? [] : [each[kind] as Json])); // prettier-ignore
  return {
    chains: of('chain').map((chain) => ({
      name: word(chain['name']),
      otherwise: word(chain['policy']),
      rules: of('rule')
        .filter((rule) => rule['chain'] === chain['name'])
        .map((rule) => ({
          name: word(rule['comment']),
          text: (rule['expr'] as readonly Json[]).map(statementText).filter(Boolean).join(' '),
        })),
    })),
    sets: of('set').map((set) => word(set['name'])),
    blocks: of('set')
      .filter((set) => BLOCK_SETS.some(({ name }) => name === set['name']))
      .flatMap((set) => ((set['elem'] ?? []) as readonly unknown[]).flatMap(blocksOf)),
  };
}

const word = (value: unknown): string => (typeof value === 'string' ? value : '');

function blocksOf(element: unknown): readonly Block[] {
  const inner: Json = (element as { elem?: Json } | null)?.elem ?? { val: element };
  const spans = spansOf(inner['val']);
  const seconds = Number(inner['expires'] ?? inner['timeout'] ?? LONGEST_BLOCK_SECONDS);
  return spans.map((span) => ({ span, seconds, reason: word(inner['comment']) }));
}

function spansOf(value: unknown): readonly Span[] {
  const range = (value as { range?: readonly [string, string] } | null)?.range;
  const [first, last] = range === undefined ? [] : range.map(spanOf);
  if (first && last) return networksIn({ family: first.family, first: first.first, last: last.last });
  return [spanOf(valueText(value))].flatMap((each) => each ?? []);
}

function statementText(statement: Json): string {
  const [[kind, what] = ['', null]] = Object.entries(statement);
  const given = (what ?? {}) as Json;
  switch (kind) {
    case 'match': {
      const text = `${sideText(given['left'])} ${given['op'] === '!=' ? '!= ' : ''}`;
      const isName = JSON.stringify(given['left']).includes('ifname');
      const right = given['right'];
      if (isName) return `${text}${JSON.stringify(right)}`;
      return `${text}${Array.isArray(right) ? right.map(valueText).join(',') : valueText(right)}`;
    }
    case 'counter':
      return '';
    case 'accept':
    case 'drop':
      return kind;
    case 'limit':
      return `limit rate ${given['inv'] === true ? 'over ' : ''}${valueText(given['rate'])}/${valueText(given['per'])} burst ${valueText(given['burst'])} packets`; // prettier-ignore
    case 'log':
      return Object.keys(given).join() === 'prefix' ? `log prefix ${JSON.stringify(given['prefix'])}` : JSON.stringify(statement); // prettier-ignore
    case 'set':
      return `${valueText(given['op'])} ${valueText(given['set'])} { ${[sideText(given['elem']), ...((given['stmt'] ?? []) as readonly Json[]).map(statementText)].join(' ')} }`; // prettier-ignore
    default:
      return JSON.stringify(statement);
  }
}

function sideText(side: unknown): string {
  const { payload, meta, ct, '&': masked } = (side ?? {}) as Readonly<Record<string, Json | undefined>>;
  if (payload !== undefined) return `${valueText(payload['protocol'])} ${valueText(payload['field'])}`;
  if (meta !== undefined) return valueText(meta['key']);
  if (ct !== undefined) return `ct ${valueText(ct['key'])}`;
  if (Array.isArray(masked)) return `${sideText(masked[0])} & ${valueText(masked[1])}`;
  return JSON.stringify(side) ?? '';
}

function valueText(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  const { prefix, range, set } = (value ?? {}) as Readonly<{ prefix?: Json; range?: readonly unknown[]; set?: readonly unknown[] }>; // prettier-ignore
  if (prefix !== undefined) return `${valueText(prefix['addr'])}/${valueText(prefix['len'])}`;
  if (range !== undefined) return range.map(valueText).join('-');
  if (set?.length === 1) return valueText(set[0]);
  if (set !== undefined) return `{ ${set.map(valueText).join(', ')} }`;
  return JSON.stringify(value) ?? '';
}
