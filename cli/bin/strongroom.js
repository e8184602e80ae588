#!/usr/bin/env node
// Runs the program in this very process, or where this Node is too old to read TypeScript, in one of a Node that can.
// Plain JavaScript, so that an older one can read it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as modules from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const args = process.argv.slice(2);
// these run inside the system; everything else is a client of its API
const inside =
  ['serve', 'demo', 'root', 'db', 'doctor', 'health'].includes(args[0]) ||
  (args[0] === 'audit' && args[1] !== 'tail') ||
  (args[0] === 'collection' && ['scan', 'detect'].includes(args[1])) ||
  (args[0] === 'backups' && ['restore', 'promote', 'keys'].includes(args[1])) ||
  (args[0] === 'traffic' && ['firewall', 'tls', 'replay'].includes(args[1]));
const program = join(root, inside ? 'server/main.ts' : 'cli/main.ts');

const [major, minor] = process.versions.node.split('.').map(Number);
const shipped = join(root, 'node_modules', '.bin', 'node');
const recent = major > 24 || (major === 24 && minor >= 7);
if (!recent && !existsSync(shipped)) {
  process.stderr.write(
    `strongroom needs Node 24.7 or later, this is ${process.version}: install it, or run npm ci here\n`,
  );
  process.exit(1);
}
// compiled once, a start takes a third of the time; beside the code, never in a folder that others may write to
const cache = process.env.NODE_COMPILE_CACHE ?? join(root, 'node_modules', '.cache', 'compile');
if (recent) {
  modules.enableCompileCache(cache);
  // no child, so that nothing is left running when this process is killed
  await import(pathToFileURL(program).href);
} else {
  // the channel is a lifeline: the program stops when it closes, also when this process is killed and cannot say so
  const child = spawn(shipped, [program, ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, NODE_COMPILE_CACHE: cache },
  });
  // Ctrl-C reaches the child by itself (same terminal); this one must outlive it, to hand on its exit code
  process.on('SIGINT', () => undefined);
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
