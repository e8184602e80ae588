/**
 * Runs one command to its end and hands back what it said; tools and checks use nothing else to start a program.
 */
import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';

export type Ran = Readonly<{ code: number; stdout: string; stderr: string; seconds: number }>;

export type RunOptions = Readonly<{
  cwd?: string;
  env?: Readonly<Record<string, string | undefined>>;
  /** Called with each piece of output as it comes, besides collecting it. */
  onOutput?: (text: string) => void;
  timeoutMs?: number;
}>;

/** `node_modules/.bin` first, so that Node 24 and the pinned tools are found also outside `npm run`. */
export function toolPath(root: string = process.cwd()): string {
  return [join(root, 'node_modules', '.bin'), process.env['PATH'] ?? ''].join(delimiter);
}

/** Never rejects for an exit code; `code` is 127 when the program is missing and 124 when time ran out. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const started = performance.now();
  return new Promise((resolve) => {
    const cwd = options.cwd ?? process.cwd();
    const env = { ...process.env, PATH: toolPath(cwd), ...options.env };
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    let outOfTime = false;
    const timer =
      options.timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            outOfTime = true;
            child.kill('SIGKILL');
          }, options.timeoutMs);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      options.onOutput?.(text);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      options.onOutput?.(text);
    });
    const end = (code: number): void => {
      clearTimeout(timer);
      resolve({ code, stdout, stderr, seconds: (performance.now() - started) / 1000 });
    };
    child.on('error', (cause) => {
      stderr += cause.message;
      end(127);
    });
    child.on('close', (code) => end(outOfTime ? 124 : (code ?? 1)));
  });
}
