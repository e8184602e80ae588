/**
 * Runs oxlint and asserts that it read the files: a linter that reads nothing exits 0.
 */
import { globSync } from 'node:fs';
import { join, relative } from 'node:path';

import { run } from './run.ts';

export type LintFault = Readonly<{ path: string; line: number; code: string; message: string }>;
export type LintReport = Readonly<{ faults: readonly LintFault[]; filesRead: number }>;

const AREAS = ['platform', 'practices', 'server', 'web', 'sdk', 'cli', 'tools', 'bench', 'e2e', 'examples', 'vectors'];

/** Every .ts and .tsx of the project, by walking the folders; independent of what the linter chooses to see. */
export function sourceFiles(root: string): readonly string[] {
  const areas = `{${AREAS.join(',')}}`;
  return globSync(`${areas}/**/*.{ts,tsx}`, {
    cwd: root,
    exclude: (path) => /(^|\/)(node_modules|dist|out)$/.test(path),
  }).toSorted();
}

/** @throws Error when the linter broke, or read fewer files than there are */
export async function lint(root: string, options: Readonly<{ config?: string }> = {}): Promise<LintReport> {
  const config = options.config === undefined ? [] : ['-c', options.config];
  const args = [...config, '--format', 'json', '--no-error-on-unmatched-pattern'];
  const ran = await run('oxlint', args, { cwd: root });
  const report = parse(ran.stdout, ran.stderr);
  const expected = sourceFiles(root).length;
  if (report.number_of_files < expected) {
    throw new Error(`oxlint read ${report.number_of_files} of ${expected} source files: its configuration skips some`);
  }
  const faults = report.diagnostics.map((one) => ({
    path: relative(root, join(root, one.filename)),
    line: one.labels[0]?.span.line ?? 1,
    code: one.code ?? 'oxlint',
    message: one.help === undefined ? one.message : `${one.message} (${one.help})`,
  }));
  if (ran.code !== 0 && faults.length === 0) throw new Error(`oxlint ended with ${ran.code}: ${ran.stderr}`);
  return { faults, filesRead: report.number_of_files };
}

type Raw = {
  number_of_files: number;
  diagnostics: Array<{
    filename: string;
    message: string;
    code?: string;
    help?: string;
    labels: Array<{ span: { line: number } }>;
  }>;
};

function parse(stdout: string, stderr: string): Raw {
  try {
    return JSON.parse(stdout) as Raw;
  } catch (cause) {
    throw new Error(`oxlint gave no report: ${(stderr || stdout).slice(0, 500)}`, { cause });
  }
}
