/**
 * Syslog: RFC 5424, RFC 3164 with or without its priority, and the form that rsyslog writes into files today (an ISO time in
 * front). Messages of sshd, sudo, su, login and PAM become authentications (auth-messages.ts); all others are ignored.
 *
 * RFC 3164 has neither year nor zone: taken as UTC, in the year nearest to now. The host that wrote stands in dst_endpoint,
 * facility and severity are not used: sshd logs everything at the same one.
 */
import { authenticationOf } from './auth-messages.ts';
import { ipOf } from './fields.ts';
import type { LineFormat, Reading } from './lines.ts';
import { keepableTime, plain } from './text.ts';
import { BSD_TIME_LENGTH, bsdTime, isoTime } from './times.ts';

export const syslogLine: LineFormat = {
  product: 'syslog',
  read: (line, { loggedTime }): Reading => {
    const frame = frameOf(line, loggedTime);
    if (frame === null) return null;
    const told = authenticationOf(frame.program, repeatedIn(frame.message)?.message ?? frame.message);
    if (told === null) return 'ignored';
    const host = frame.host === '-' ? undefined : plain(frame.host, 255);
    const ip = host === undefined ? undefined : ipOf(host);
    return {
      class: 'authentication',
      time: keepableTime(frame.time, loggedTime),
      ...(host === undefined ? {} : { dst_endpoint: ip === undefined ? { hostname: host } : { ip } }),
      ...told,
    };
  },
  times: (line) => (line.includes(REPEATS) ? (repeatedIn(frameOf(line, 0)?.message ?? '')?.times ?? 1) : 1),
};

const REPEATS = 'message repeated ';
const MOST_TIMES = 100;

/** `message repeated 2 times: [ …]`: how rsyslog writes what came again at once (RepeatedMsgReduction, on in Ubuntu). */
function repeatedIn(message: string): Readonly<{ times: number; message: string }> | null {
  const head = message.startsWith(REPEATS) ? /^[a-z ]+(\d{1,6}) times: \[ ?/.exec(message.slice(0, 60)) : null;
  if (head === null || !message.endsWith(']')) return null;
  return { times: Math.min(Math.max(1, Number(head[1])), MOST_TIMES), message: message.slice(head[0].length, -1) };
}

export type Frame = Readonly<{ time: number; host: string; program: string; message: string }>;

/** @returns null: no syslog */
export function frameOf(line: string, now: number): Frame | null {
  const body = withoutPriority(line);
  if (body === null) return null;
  if (body.startsWith('1 ') && body !== line) return framed5424(body.slice(2), now);
  return framedBsd(body, now);
}

/** `<34>` (RFC 5424 §6.2.1): 0 to 191. null: begins as one and is none. */
function withoutPriority(line: string): string | null {
  if (!line.startsWith('<')) return line;
  const end = line.indexOf('>');
  const digits = line.slice(1, end);
  if (end < 2 || end > 4 || !/^\d{1,3}$/.test(digits) || Number(digits) > 191) return null;
  return line.slice(end + 1);
}

/** RFC 5424 §6, after the version: TIMESTAMP HOST APP PROCID MSGID STRUCTURED-DATA MSG. */
function framed5424(body: string, now: number): Frame | null {
  const [stamp = '', host = '', program = '', , , ...rest] = splitFirst(body, 5);
  const time = stamp === '-' ? now : isoTime(stamp);
  const left = rest[0];
  if (Number.isNaN(time) || left === undefined) return null;
  const message = afterStructured(left);
  if (message === null) return null;
  // MSG-ANY may begin with a byte order mark
  return { time, host, program: programOf(program), message: message.replace(/^\uFEFF/, '') };
}

/** The first `count` words, and the rest as it is. */
function splitFirst(text: string, count: number): string[] {
  const words: string[] = [];
  let from = 0;
  for (let word = 0; word < count; word += 1) {
    const end = text.indexOf(' ', from);
    if (end < 0) return words;
    words.push(text.slice(from, end));
    from = end + 1;
  }
  return [...words, text.slice(from)];
}

/** STRUCTURED-DATA (§6.3): `-`, or elements in brackets in whose quoted values `\]`, `\"` and `\\` are escaped. */
function afterStructured(text: string): string | null {
  if (text === '-') return '';
  if (text.startsWith('- ')) return text.slice(2);
  let quoted = false;
  let at = 0;
  while (text[at] === '[') {
    for (at += 1; at < text.length && (quoted || text[at] !== ']'); at += 1) {
      if (quoted && text[at] === '\\') at += 1;
      else if (text[at] === '"') quoted = !quoted;
    }
    if (at >= text.length) return null;
    at += 1;
  }
  if (at === 0) return null;
  return at === text.length ? '' : text[at] === ' ' ? text.slice(at + 1) : null;
}

/** `TIME HOST TAG[PID]: MESSAGE`, the time as RFC 3164 or ISO 8601 writes it. */
function framedBsd(body: string, now: number): Frame | null {
  let time = bsdTime(body.slice(0, BSD_TIME_LENGTH), now);
  let from = BSD_TIME_LENGTH + 1;
  if (Number.isNaN(time)) {
    const end = body.indexOf(' ');
    time = isoTime(body.slice(0, Math.max(0, end)));
    from = end + 1;
  }
  if (Number.isNaN(time)) return null;
  const [host, rest] = splitFirst(body.slice(from), 1);
  const colon = rest?.indexOf(':') ?? -1;
  if (host === undefined || rest === undefined || colon < 0) return null;
  const tag = rest.slice(0, colon);
  if (tag.length > 64 || tag.includes(' ')) return null;
  return { time, host, program: programOf(tag), message: rest.slice(colon + 1).trimStart() };
}

/** `sshd-session[1234]` → `sshd`: since OpenSSH 9.8 a process of another name writes what sshd wrote. */
function programOf(tag: string): string {
  const bracket = tag.indexOf('[');
  const name = bracket < 0 ? tag : tag.slice(0, bracket);
  const file = name.slice(name.lastIndexOf('/') + 1).toLowerCase();
  return file === 'sshd-session' || file === 'sshd-auth' ? 'sshd' : file;
}
