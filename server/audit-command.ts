/**
 * `strongroom audit …`: looks at a log from outside, over HTTP, trusting nothing but the keys of the log and its witnesses.
 */
import { auditDiff } from './audit-diff.ts';
import { openLog, readOptions, type AuditOptions } from './audit-options.ts';
import { auditProve } from './audit-prove.ts';
import { auditVerify } from './audit-verify.ts';
import { witnessCommand } from './witness-command.ts';

const USAGE = `strongroom audit: the tamper-evident log, seen from outside (docs/practices/audit.md)

  audit verify                    every entry and tile against the signed checkpoint, and against what was seen before
      --witnessed                 the newest checkpoint that a quorum cosigned, where the very newest has none yet
  audit verify --proof <file>     a proof, offline; the entry is in it, or in --entry <file>
  audit prove <index>             proof that an entry is in the log (C2SP tlog-proof), for whoever is to be convinced
      --out <file>                where to write it; otherwise it is printed
      --with-entry                puts the entry itself into it
  audit diff <a> <b>              does one checkpoint only add to the other, and what?
      each a file, or: now (published), seen (by this command), witnessed (by a quorum)
      --entries                   lists what was added
  audit key                       the log's keys, for --key, for a policy, for a witness
  audit tail                      the last entries
  audit witness init|serve|show   a witness, for another role, on another machine

  --key <file or key>   keys of the log, one on a line. Without it or a policy those of the first time are believed
  --policy <file>       logs, witnesses and quorum (C2SP tlog-policy)
  --url <url>           the server, otherwise STRONGROOM_URL; reading entries takes an API key, STRONGROOM_KEY
  --seen <file>         what was seen is remembered here, otherwise in audit.checkpoint in the home
  --json                for machines

Exit codes: 0 it is so, 1 it could not be read, 2 usage, 6 it is NOT so, 7 it is, but the policy's quorum is not met.
`;

export async function auditCommand(args: readonly string[]): Promise<number> {
  const [what, ...rest] = args;
  if (what === 'witness') return witnessCommand(rest);
  if (what === '--help' || what === '-h' || what === 'help') return say(USAGE, 0);
  const read = readOptions(rest);
  if ('wrong' in read) return complain(read.wrong);
  const { options, words } = read;
  if (options.help) return say(USAGE, 0);
  const commands: Record<string, { words: number; run: (options: AuditOptions, words: string[]) => Promise<number> }> =
    {
      verify: { words: 0, run: auditVerify },
      prove: { words: 1, run: auditProve },
      diff: { words: 2, run: auditDiff },
      key: { words: 0, run: showKey },
    };
  const command = what !== undefined && Object.hasOwn(commands, what) ? commands[what] : undefined;
  if (command === undefined) return complain('there are verify, prove, diff, key, tail and witness');
  if (words.length !== command.words) return complain(`audit ${what} takes ${command.words} words`);
  return command.run(options, words);
}

async function showKey(options: AuditOptions): Promise<number> {
  return say(`${await openLog(options).key()}\n`, 0);
}

function say(text: string, code: number): number {
  process.stdout.write(text);
  return code;
}

function complain(why: string): number {
  process.stderr.write(`${why}\n\n${USAGE}`);
  return 2;
}
