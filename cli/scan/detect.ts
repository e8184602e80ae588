/** `strongroom collection detect`: where personal data stands in a text, and why it seems so. Values stay unseen unless asked for. */
import { stat } from 'node:fs/promises';

import { Command, Option } from 'commander';

import { EXIT, Usage } from '../connection.ts';
import { bytesOf } from '../import/sources.ts';
import { harmless } from '../terminal.ts';
import { readTextFile } from './text-file.ts';
import { runOwn } from './run-own.ts';

type PlacedFinding = Readonly<{
  type: string;
  detail: string | null;
  class: string;
  line: number;
  column: number;
  offset: number;
  length: number;
  confidence: number;
  level: 'certain' | 'suggest';
  reasons: readonly Readonly<{ says: string; adds: number }>[];
}>;
type OnFinding = (finding: PlacedFinding, value: () => string) => void;
export type DetectOptions = Readonly<{
  minConfidence: number;
  names: 'precise' | 'broad';
  types?: readonly string[];
  countries?: readonly string[];
}>;
/** What server/detect-command.ts hands over. */
export type DetectEngine = Readonly<{
  types: readonly string[];
  open: (options: DetectOptions) => Readonly<{
    add: (text: string, overlap: number, onFinding: OnFinding) => void;
    end: (onFinding: OnFinding) => number;
  }>;
}>;

type Asked = Readonly<{
  minConfidence: string;
  names: 'precise' | 'broad';
  types?: string;
  countries?: string;
  show?: boolean;
  failOn?: 'certain' | 'suggest';
  json?: boolean;
}>;

const LONGEST_SHOWN = 200;
const HELP = `
Text, logs, CSV and JSON are read as the text that they are, however large, line by line; - is standard input. It needs no server and
sends nothing. What whole columns hold, by their names too, says strongroom collection scan.

Examples:
  strongroom collection detect app.log                       line and column, type, how sure, and why
  journalctl -u shop | strongroom collection detect - --fail-on certain
  strongroom collection detect notes.txt --types email,phone --countries DE,AT --json     one finding a line

Exit codes: 0 done, 1 --fail-on found something, 2 usage`;

export async function detectCommand(args: readonly string[], engine: DetectEngine): Promise<number> {
  const command = new Command('strongroom collection detect')
    .description('where personal data stands in a text, how sure, and why')
    .argument('<file>', 'a file, or - for standard input')
    .option('--min-confidence <n>', 'least confidence, 0.01 to 0.99', '0.5')
    .option('--types <types>', `only these, with commas: ${engine.types.join(', ')}`)
    .option('--countries <codes>', 'whose phone numbers are written without +, and whose ids are looked for: DE,FR')
    .addOption(
      new Option('--names <how>', 'precise reports few names that are none, broad misses few')
        .choices(['precise', 'broad'])
        .default('precise'),
    )
    .option('--show', 'also the values themselves: they are then in your terminal and what records it')
    .addOption(new Option('--fail-on <what>', 'exit 1 when there is something').choices(['certain', 'suggest']))
    .option('--json', 'for machines: one finding a line')
    .addHelpText('after', HELP);
  return await runOwn(command, args, (from, options: Asked) => detect(from, options, engine));
}

async function detect(from: string, asked: Asked, engine: DetectEngine): Promise<number> {
  const findings = engine.open(optionsOf(asked, engine.types));
  if (from !== '-' && (await stat(from).catch(() => null))?.isFile() !== true)
    throw new Usage(`there is no file ${from}; - reads standard input`);
  const counts = new Map<string, number>();
  let failing = 0;
  const onFinding: OnFinding = (finding, value) => {
    counts.set(finding.type, (counts.get(finding.type) ?? 0) + 1);
    if (asked.failOn === 'suggest' || (asked.failOn === 'certain' && finding.level === 'certain')) failing += 1;
    const shown = asked.show === true ? value() : null;
    process.stdout.write(
      asked.json === true
        ? `${JSON.stringify(shown === null ? finding : { ...finding, value: shown })}\n`
        : `${wordsOf(finding, shown)}\n`,
    );
  };
  // a reader that went away (| head) is no error of ours
  process.stdout.once('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  const warnings: string[] = [];
  await readTextFile(
    from === '-' ? (process.stdin as AsyncIterable<Buffer>) : bytesOf(from),
    from === '-' ? 'standard input' : from,
    (text, overlap) => findings.add(text, overlap, onFinding),
    { onWarning: (says) => void warnings.push(says) },
  );
  const lines = findings.end(onFinding);
  const sum = [...counts].map(([type, count]) => `${count} ${type}`).join(', ');
  process.stderr.write(
    [...warnings.map((says) => `Warning: ${harmless(says)}`), `${lines} lines; ${sum === '' ? 'nothing was found' : sum}`].join('\n') + '\n',
  ); // prettier-ignore
  return failing > 0 ? EXIT.failed : 0;
}

function optionsOf({ minConfidence, names, types, countries }: Asked, known: readonly string[]): DetectOptions {
  const least = Number(minConfidence);
  if (!(least >= 0.01 && least <= 0.99)) throw new Usage('--min-confidence is 0.01 to 0.99');
  const wanted = types?.split(',').map((each) => each.trim());
  const strange = wanted?.find((each) => !known.includes(each));
  if (strange !== undefined) throw new Usage(`${harmless(strange)} is no type; there are ${known.join(', ')}`);
  const places = countries?.split(',').map((each) => each.trim().toUpperCase());
  if (places?.some((each) => !/^[A-Z]{2}$/.test(each)) === true)
    throw new Usage('--countries are codes of two letters: DE,FR');
  return {
    minConfidence: least,
    names,
    ...(wanted === undefined ? {} : { types: wanted }),
    ...(places === undefined ? {} : { countries: places }),
  };
}

function wordsOf(
  { type, detail, line, column, length, confidence, level, reasons }: PlacedFinding,
  value: string | null,
): string {
  const why = reasons
    .filter(({ adds }) => adds !== 0)
    .map(({ says, adds }) => `${adds > 0 ? '+' : '−'}${Math.abs(adds).toFixed(2)} ${says}`);
  return [
    `${line}:${column}`.padEnd(10),
    `${length} signs`.padEnd(9),
    (detail === null ? type : `${type} (${detail})`).padEnd(22),
    `${level} ${Math.round(confidence * 100)} %`.padEnd(13),
    ...(value === null ? [] : [harmless(value.length > LONGEST_SHOWN ? `${value.slice(0, LONGEST_SHOWN)}…` : value)]),
    harmless(why.join('; ')),
  ].join('  '); // prettier-ignore
}
