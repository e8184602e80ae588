/**
 * The commands a document shows: every ```sh block, unless it says `no-run` with a reason.
 */
export type Block = Readonly<{
  path: string;
  /** Line of the opening fence, from 1. */
  line: number;
  /** `run`: wait for it; `server`: leave it running for the blocks that follow; `no-run`: shown only. */
  mode: 'run' | 'server' | 'no-run';
  reason: string;
  script: string;
}>;

/** @throws Error for a `no-run` without a reason, a word that is no mode, a fence that never closes */
export function blocksOf(path: string, text: string): readonly Block[] {
  const blocks: Block[] = [];
  let open: { fence: string; info: string; line: number; body: string[] } | null = null;
  for (const [index, line] of text.split('\n').entries()) {
    const fence = /^(`{3,}|~{3,})(.*)$/.exec(line.trim());
    if (open === null) {
      if (fence !== null)
        open = { fence: fence[1] as string, info: (fence[2] as string).trim(), line: index + 1, body: [] };
    } else if (fence !== null && fence[2] === '' && (fence[1] as string).startsWith(open.fence)) {
      const block = blockOf(path, open.info, open.line, open.body.join('\n'));
      if (block !== null) blocks.push(block);
      open = null;
    } else {
      open.body.push(line);
    }
  }
  if (open !== null) throw new Error(`${path}:${open.line} opens a block that never closes`);
  return blocks;
}

function blockOf(path: string, info: string, line: number, script: string): Block | null {
  const [language, mode = 'run', ...reason] = info.split(/\s+/);
  if (language !== 'sh' && language !== 'bash' && language !== 'shell') return null;
  if (language !== 'sh') throw new Error(`${path}:${line} write \`\`\`sh for commands, not ${language}`);
  if (mode !== 'run' && mode !== 'server' && mode !== 'no-run')
    throw new Error(`${path}:${line} "${mode}" is not run, server or no-run`);
  if (mode === 'no-run' && reason.length < 2) throw new Error(`${path}:${line} no-run needs a reason`);
  return { path, line, mode, reason: reason.join(' '), script };
}
