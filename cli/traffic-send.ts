/** `strongroom traffic send`: lines of a log that another program writes. */
import { createReadStream, statSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

import { isProblem } from '@strongroom/sdk';
import type { Command } from 'commander';

import { connect, EXIT, show, Usage, withConnection, type Run, type Shared } from './connection.ts';
import { transferBar } from './transfer-bar.ts';

const FORMATS = ['eve', 'zeek', 'access-log', 'syslog', 'vpc-flow'] as const;
const MOST_LINES = 5000;
/** Of a request: a bar moves, and one that fails loses little. */
const MOST_BYTES = 896 * 1024;
/** A longer line is not sent: no log has one, and it need not be kept in memory. */
const LONGEST = 131_072;

type SendOptions = Shared & { feed: string; format: string; declared?: string };

export function sendCommand(traffic: Command, run: Run): void {
  withConnection(traffic.command('send [file]').description('lines of another program’s log; - or nothing reads standard input'))
    .requiredOption('--feed <name>', 'what the sensor is called, as shop or edge.nginx')
    .requiredOption('--format <format>', FORMATS.join(', '))
    .option('--declared <text>', 'nginx log_format, or the fields of a VPC flow log')
    .addHelpText('after', '\nAs lines come, they are sent within seconds. The role needs traffic.send (engineer).\n\nExamples:\n  strongroom traffic send --feed shop --format access-log /var/log/nginx/access.log.1\n  tail -F /var/log/suricata/eve.json | strongroom traffic send --feed edge --format eve')
    .action((file: string | undefined, options: SendOptions) => run(() => send(file ?? '-', options), options));
} // prettier-ignore

async function send(file: string, options: SendOptions): Promise<number> {
  const format = FORMATS.find((each) => each === options.format);
  if (format === undefined) throw new Usage(`--format is one of ${FORMATS.join(', ')}`);
  const room = connect(options);
  const sum = { lines: 0, events: 0, ignored: 0, malformed: 0, tooLong: 0 };
  const bar = transferBar(options, file === '-' ? null : statSync(file).size, 'MiB');
  const from = file === '-' ? process.stdin : createReadStream(file);
  const declared = options.declared === undefined ? {} : { declared: options.declared };
  try {
    for await (const { lines, tooLong, bytes } of batchesOf(from)) {
      if (lines.length > 0) {
        const took = await room.traffic.send(options.feed, { format, lines, ...declared }).catch((thrown: unknown) => {
          // a batch in which nothing can be read is refused whole: here it can be the last line of a good log
          if (!isProblem(thrown) || thrown.code !== 'TRAFFIC_FEED_MALFORMED' || sum.events + sum.ignored === 0) throw thrown;
          return { events: 0, ignored: 0, malformed: lines.length };
        }); // prettier-ignore
        sum.lines += lines.length;
        sum.events += took.events;
        sum.ignored += took.ignored;
        sum.malformed += took.malformed;
      }
      sum.tooLong += tooLong;
      bar.add(bytes);
    }
  } catch (thrown) {
    // what has arrived is known: the rest can be sent again
    process.stderr.write(`${sum.lines} lines had arrived before this:\n`);
    throw thrown;
  } finally {
    bar.stop();
  }
  show(options, sum, () => `${sum.lines} lines: ${sum.events} events, ${sum.ignored} of no interest, ${sum.malformed} malformed${sum.tooLong === 0 ? '' : `, ${sum.tooLong} too long and not sent`}`); // prettier-ignore
  return sum.tooLong === 0 ? 0 : EXIT.failed;
}

type Batch = Readonly<{ lines: string[]; tooLong: number; bytes: number }>;

/** A batch is sent when it is full, and at the end of each chunk that was read: a log that is followed does not wait. */
export async function* batchesOf(chunks: AsyncIterable<Buffer | string>): AsyncGenerator<Batch> {
  const decoder = new StringDecoder('utf8');
  let [rest, skipping, bytes, size, tooLong] = ['', false, 0, 0, 0];
  let lines: string[] = [];
  const batch = (): Batch => {
    const made = { lines, tooLong, bytes };
    [lines, size, bytes, tooLong] = [[], 0, 0, 0];
    return made;
  };
  /** @returns the batch that is full without this line */
  const take = (line: string): Batch[] => {
    if (line.trim() === '') return [];
    if (line.length > LONGEST) {
      tooLong += 1;
      return [];
    }
    // as it travels: what is escaped is longer
    const asSent = Buffer.byteLength(JSON.stringify(line)) + 1;
    const full = lines.length >= MOST_LINES || (lines.length > 0 && size + asSent > MOST_BYTES) ? [batch()] : [];
    lines.push(line);
    size += asSent;
    return full;
  };
  for await (const chunk of chunks) {
    const text = typeof chunk === 'string' ? chunk : decoder.write(chunk);
    bytes += chunk.length;
    const parts = text.split('\n');
    parts[0] = rest + (parts[0] as string);
    rest = parts.pop() as string;
    for (const part of parts) {
      // the end of a line whose beginning was let go
      if (skipping) skipping = false;
      else yield* take(part.replace(/\r$/, ''));
    }
    if (skipping) rest = '';
    else if (rest.length > LONGEST) {
      tooLong += 1;
      [rest, skipping] = ['', true];
    }
    if (lines.length > 0) yield batch();
  }
  if (!skipping) yield* take((rest + decoder.end()).replace(/\r$/, ''));
  if (lines.length > 0 || tooLong > 0 || bytes > 0) yield batch();
}
