/**
 * Access logs of nginx and Apache. A format is declared as nginx's `log_format` writes it:
 *
 *     accessLog('$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent')
 *
 * and so are the two that everybody has: CLF and COMBINED. Variables that make fields of an event:
 * `$remote_addr`, `$remote_port`, `$realip_remote_addr`, `$http_x_forwarded_for` (its first address stays in `unmapped`:
 * a client can write it), `$remote_user`, `$time_local`, `$time_iso8601`, `$msec`, `$request`, `$request_method`,
 * `$request_uri`, `$uri`, `$args`, `$server_protocol`, `$status`, `$body_bytes_sent`, `$bytes_sent`, `$request_length`,
 * `$request_time`, `$host`, `$http_host`, `$server_name`, `$server_addr`, `$server_port`, `$http_referer`,
 * `$http_user_agent`, `$ssl_protocol`, `$ssl_cipher`, `$request_id`. Others are read over. What stands behind the last
 * variable of the format is left alone: many append fields to COMBINED.
 *
 * A value ends where the format's next text begins; a quote that Apache wrote as `\"` or nginx as `\x22` ends nothing.
 */
import type { LineFormat, Reading } from './lines.ts';
import { readAccess, type Values } from './access-values.ts';
import { CLF_TIME_LENGTH, createClfClock } from './times.ts';

export const CLF = '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent';
export const COMBINED = `${CLF} "$http_referer" "$http_user_agent"`;

type ClfTime = (text: string) => number;

/** A variable, and the text that stands behind it; '' at the end of the format. */
type Part = Readonly<{ variable: string; until: string }>;

/**
 * @throws where two variables touch, or there is none: nothing says where a value ends. A setting's fault, not a line's.
 */
export function accessLog(format: string = COMBINED): LineFormat {
  const { before, parts } = partsOf(format);
  const isCombined = format === COMBINED;
  const clfTime = createClfClock();
  return {
    product: 'access log',
    read: (line, { loggedTime, cut }): Reading => {
      const values = cutApart(line, before, parts, cut, clfTime);
      // CLF is what COMBINED is without its last two
      if (values === null && isCombined) {
        const fewer = cutApart(line, CLF_PARTS.before, CLF_PARTS.parts, cut, clfTime);
        return fewer === null ? null : readAccess(fewer, loggedTime, clfTime);
      }
      return values === null ? null : readAccess(values, loggedTime, clfTime);
    },
  };
}

function partsOf(format: string): Readonly<{ before: string; parts: readonly Part[] }> {
  const pieces = format.split(/\$(?:\{([a-z0-9_]+)\}|([a-z0-9_]+))/);
  const parts: Part[] = [];
  for (let at = 1; at < pieces.length; at += 3) {
    const until = pieces[at + 2] ?? '';
    if (until === '' && at + 3 < pieces.length) throw new Error('two variables of the log format touch');
    parts.push({ variable: pieces[at] ?? pieces[at + 1] ?? '', until });
  }
  if (parts.length === 0) throw new Error('the log format has no variable');
  return { before: pieces[0] ?? '', parts };
}

const CLF_PARTS = partsOf(CLF);

/** @returns null where the line does not fit; of a cut line what there is */
function cutApart(line: string, before: string, parts: readonly Part[], cut: boolean, clfTime: ClfTime): Values | null {
  if (!line.startsWith(before)) return null;
  const values: Record<string, string> = {};
  let from = before.length;
  for (let index = 0; index < parts.length; index += 1) {
    const { variable, until } = parts[index] as Part;
    const isLast = index === parts.length - 1;
    const end = until === '' ? line.length : endOf(line, from, until, parts[index + 1]?.variable, clfTime);
    if (end < 0) {
      if (cut) values[variable] = line.slice(from);
      // the last text of a format may be missing, as a quote's end is not
      else if (isLast && until.trim() === '') values[variable] = line.slice(from);
      else return null;
      return values;
    }
    values[variable] = isLast && until === '' ? firstWord(line, from) : line.slice(from, end);
    from = end + until.length;
  }
  return values;
}

/** Unquoted at the end of the format: what is appended behind it is not of this value. */
function firstWord(line: string, from: number): string {
  const end = line.indexOf(' ', from);
  return end < 0 ? line.slice(from) : line.slice(from, end);
}

/**
 * Where a value ends. In front of `[$time_local]` stands what a client sent as its name: a name with a bracket in it must
 * not move the time, so the end is only where a time stands behind it.
 */
function endOf(line: string, from: number, until: string, nextVariable: string | undefined, clfTime: ClfTime): number {
  const beforeTime = nextVariable === 'time_local';
  const quoted = until.startsWith('"');
  for (let at = line.indexOf(until, from); at >= 0; at = line.indexOf(until, at + 1)) {
    if (quoted && isEscaped(line, from, at)) continue;
    if (!beforeTime) return at;
    const timeAt = at + until.length;
    if (!Number.isNaN(clfTime(line.slice(timeAt, timeAt + CLF_TIME_LENGTH))) && line[timeAt + CLF_TIME_LENGTH] === ']')
      return at;
  }
  return -1;
}

/** An odd number of backslashes stands before it. */
function isEscaped(line: string, from: number, at: number): boolean {
  let slashes = 0;
  while (at - slashes - 1 >= from && line[at - slashes - 1] === '\\') slashes += 1;
  return slashes % 2 === 1;
}
