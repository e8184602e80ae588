/**
 * Runs the commands of documents in the order they stand, in one shell and one new home, as a reader would.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { toolPath } from '../run.ts';
import type { Block } from './blocks.ts';

/** `failed` is null also when the shell ended badly after the last block: only `ok` says that all is well. */
export type Shown = Readonly<{ ok: boolean; ran: number; failed: Block | null; output: string }>;

/** How long a `server` block has until it answers `GET /healthz`. */
const SERVER_SECONDS = 60;

/** Stops at the first block that fails, and hands it back with what it said. */
export async function runBlocks(
  blocks: readonly Block[],
  options: Readonly<{ root: string; timeoutMs?: number }>,
): Promise<Shown> {
  const { root, timeoutMs = 300_000 } = options;
  const runnable = blocks.filter((block) => block.mode !== 'no-run');
  const home = await mkdtemp(join(tmpdir(), 'strongroom-shown-'));
  try {
    const port = await freePort();
    const mark = `\u0001block `;
    const env = {
      ...process.env,
      PATH: toolPath(root),
      HOME: home,
      STRONGROOM_HOME: join(home, '.strongroom'),
      STRONGROOM_PORT: String(port),
      STRONGROOM_URL: `http://127.0.0.1:${port}`,
      NODE_TEST_CONTEXT: undefined,
      DATABASE_URL: undefined,
    };
    const output = await shell(scriptOf(runnable, mark, port), { root, env, timeoutMs });
    const parts = output.text.split(mark).slice(1);
    const ended = parts.at(-1)?.startsWith('end') === true && output.code === 0;
    if (ended) return { ok: true, ran: runnable.length, failed: null, output: output.text };
    const failed = runnable[Number.parseInt(parts.at(-1) ?? '0', 10)] ?? null;
    return { ok: false, ran: parts.length, failed, output: (parts.at(-1) ?? output.text).replace(/^\d+\n/, '') };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

function scriptOf(blocks: readonly Block[], mark: string, port: number): string {
  const lines = [
    'set -eo pipefail',
    `trap 'shown_code=$?; kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true; exit $shown_code' EXIT`,
  ];
  for (const [index, block] of blocks.entries()) {
    lines.push(`echo '${mark}${index}'`);
    if (block.mode === 'run') lines.push(block.script);
    else lines.push(`{\n${block.script}\n} &`, `shown_server=$!`, waitFor(port));
  }
  return [...lines, `echo '${mark}end'`].join('\n');
}

function waitFor(port: number): string {
  return [
    `for shown_try in $(seq ${SERVER_SECONDS * 2}); do`,
    `  node -e "fetch('http://127.0.0.1:${port}/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))" && break`,
    '  kill -0 $shown_server 2>/dev/null || { echo "the server ended"; exit 1; }',
    `  [ $shown_try -lt ${SERVER_SECONDS * 2} ] || { echo "no answer within ${SERVER_SECONDS} s"; exit 1; }`,
    '  sleep 0.5',
    'done',
  ].join('\n');
}

type ShellOptions = Readonly<{ root: string; env: Record<string, string | undefined>; timeoutMs: number }>;

/** Its own process group, so that nothing a document starts outlives it. */
function shell(script: string, { root, env, timeoutMs }: ShellOptions): Promise<{ code: number; text: string }> {
  return new Promise((resolve) => {
    const child = spawn('bash', ['-c', script], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let text = '';
    const hear = (piece: string): void => {
      text += piece;
    };
    child.stdout.setEncoding('utf8').on('data', hear);
    child.stderr.setEncoding('utf8').on('data', hear);
    const endGroup = (signal: NodeJS.Signals): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, signal);
      } catch (cause) {
        // nothing of the group is left: that is what was wanted
        if ((cause as NodeJS.ErrnoException).code !== 'ESRCH') throw cause;
      }
    };
    const timer = setTimeout(() => {
      text += `\nout of time after ${timeoutMs / 1000} s\n`;
      endGroup('SIGKILL');
    }, timeoutMs);
    child.on('exit', () => endGroup('SIGTERM'));
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? 1, text });
    });
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
