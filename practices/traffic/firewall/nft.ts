/** Runs nft, here or in a network namespace. Text goes by standard input, never by the command line. */
import { spawn } from 'node:child_process';

export type Ran = Readonly<{ code: number; stdout: string; stderr: string }>;
/** What is run in place of `nft`: `['ip', 'netns', 'exec', 'name', 'nft']` runs it in a namespace. */
export type NftCommand = readonly [program: string, ...args: string[]];
export type Nft = Readonly<{ command: NftCommand; run: (args: readonly string[], input?: string) => Promise<Ran> }>;

const PATIENCE_MS = 60_000;
/** A table of 65,536 blocks in JSON has about 8 MB. */
const MOST_OUTPUT = 64 * 1024 * 1024;

export function createNft(command: NftCommand): Nft {
  return { command, run: (args, input = '') => runProgram([...command, ...args], input) };
}

/** @returns code 127 where there is no such program */
export function runProgram([program = '', ...args]: readonly string[], input: string): Promise<Ran> {
  return new Promise((resolve) => {
    // a fixed PATH: as root, nothing is run from where a user may write; messages in English
    const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };
    const child = spawn(program, args, { stdio: 'pipe', env, timeout: PATIENCE_MS });
    const out: [Buffer[], Buffer[]] = [[], []];
    let size = 0;
    const keep = (into: Buffer[]) => (chunk: Buffer) => {
      size += chunk.length;
      if (size > MOST_OUTPUT) child.kill();
      else into.push(chunk);
    };
    child.stdout.on('data', keep(out[0]));
    child.stderr.on('data', keep(out[1]));
    // it may end before it has read everything: its exit code says why
    child.stdin.on('error', () => undefined);
    child.on('error', (error) => resolve({ code: 127, stdout: '', stderr: error.message }));
    child.on('close', (code) => {
      const [stdout, stderr] = out.map((each) => Buffer.concat(each).toString('utf8')) as [string, string];
      resolve({ code: size > MOST_OUTPUT ? 1 : (code ?? 1), stdout, stderr });
    });
    child.stdin.end(input);
  });
}
