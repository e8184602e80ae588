/**
 * What text becomes: a tree of a few kinds. Who shows it makes elements of it; there is no place in it for HTML.
 */
export type LinkTarget =
  | Readonly<{ kind: 'web'; href: string }>
  | Readonly<{ kind: 'mail'; address: string }>
  /** Another text of this installation. */
  | Readonly<{ kind: 'lesson' | 'policy'; id: string }>
  /** A place of the console: where one learns, signs or reports. */
  | Readonly<{ kind: 'app'; place: 'learn' | 'sign' | 'report' }>
  /** In the mail of a phishing exercise: the link that each recipient gets a token of. */
  | Readonly<{ kind: 'lure' }>;

export type Inline =
  | Readonly<{ kind: 'text' | 'code'; text: string }>
  | Readonly<{ kind: 'strong' | 'emphasis'; parts: readonly Inline[] }>
  | Readonly<{ kind: 'link'; to: LinkTarget; parts: readonly Inline[] }>;

type Lined<T> = Readonly<T & { line: number }>;
export type Parts = readonly Inline[];
export type Block =
  | Lined<{ kind: 'heading'; level: number; parts: Parts }>
  | Lined<{ kind: 'paragraph'; parts: Parts }>
  | Lined<{ kind: 'list'; ordered: boolean; items: readonly Parts[] }>
  | Lined<{ kind: 'quote'; parts: Parts }>
  | Lined<{ kind: 'code'; text: string }>
  | Lined<{ kind: 'table'; head: readonly Parts[]; rows: readonly (readonly Parts[])[] }>
  /** `:::name` … `:::` */
  | Lined<{ kind: 'aside'; name: string; blocks: readonly Block[] }>;

/** What is read, without marks. */
export function plainText(parts: Parts): string {
  return parts.map((each) => ('parts' in each ? plainText(each.parts) : each.text)).join('');
}

export function textOfBlock(block: Block): string {
  if ('parts' in block) return plainText(block.parts);
  if (block.kind === 'list') return block.items.map(plainText).join('\n');
  if (block.kind === 'code') return block.text;
  if (block.kind === 'aside') return block.blocks.map(textOfBlock).join('\n');
  return [block.head, ...block.rows].map((row) => row.map(plainText).join(' ')).join('\n');
}

export const wordsOf = (blocks: readonly Block[]): number =>
  blocks.map(textOfBlock).join('\n').split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length; // prettier-ignore

/** Adults read 238 words of English a minute (Brysbaert 2019, doi 10.1016/j.jml.2019.104047); fewer in a second language. */
export const WORDS_PER_MINUTE = 200;

export function linksOf(blocks: readonly Block[]): readonly Readonly<{ to: LinkTarget; line: number }>[] {
  const of = (parts: Parts): readonly LinkTarget[] =>
    parts.flatMap((each) => ('parts' in each ? [...(each.kind === 'link' ? [each.to] : []), ...of(each.parts)] : []));
  return blocks.flatMap((block) => {
    if (block.kind === 'aside') return linksOf(block.blocks);
    const rows = block.kind === 'list' ? block.items : block.kind === 'table' ? [...block.head, ...block.rows.flat()] : 'parts' in block ? [block.parts] : []; // prettier-ignore
    return rows.flatMap(of).map((to) => ({ to, line: block.line }));
  });
}
