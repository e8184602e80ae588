/**
 * What sshd, sudo, su, login and PAM say of who came in, and who did not.
 *
 * activity_id 1 is an attempt with its outcome. 0 is what sshd says besides of the same attempt (`Invalid user`, `maximum
 * authentication attempts`, a connection that ended before anybody was let in): who counts attempts counts 1, who looks
 * for servers that take keys only looks at both.
 *
 * INVARIANT: a user's name is whatever the other side sent, ` from 203.0.113.9 port 22` too. So address and port are read
 * from the END of the message, where sshd wrote them, and the name is what is left.
 */
import type { Endpoint } from '../event.ts';
import type { Told } from './lines.ts';
import { ipOf, isPort } from './fields.ts';
import { plain } from './text.ts';

export type Authentication = Pick<
  Told,
  'activity_id' | 'status_id' | 'status_code' | 'src_endpoint' | 'actor' | 'unmapped' | 'severity_id'
>;

const LOGON = 1;
const LOGOFF = 2;
const MOST_NAME = 255;

/** @returns null: says nothing of that kind */
export function authenticationOf(program: string, message: string): Authentication | null {
  if (program === 'sshd') return ofSshd(message);
  if (program === 'sudo') return ofSudo(message) ?? ofPam(message);
  return ofPam(message) ?? null;
}

type Attempt = Readonly<{ user: string; from: Endpoint | undefined; method?: string | undefined }>;

const told = (
  activity: number,
  status: 1 | 2,
  { user, from, method }: Attempt,
  service: string,
  why?: string,
): Authentication => ({
  activity_id: activity,
  status_id: status,
  ...(why === undefined ? {} : { status_code: why }),
  ...(from === undefined ? {} : { src_endpoint: from }),
  ...(user === '' ? {} : { actor: { user: { uid: plain(user, MOST_NAME) } } }),
  unmapped: { service: plain(service, 64), ...(method === undefined ? {} : { auth_method: plain(method, 64) }) },
});

const INVALID = 'invalid user ';

function ofSshd(message: string): Authentication | null {
  for (const [begins, status] of OUTCOMES) {
    if (!message.startsWith(begins)) continue;
    // `Failed password for NAME from ADDRESS port N ssh2`, behind an accepted key its fingerprint
    const at = message.indexOf(' for ', begins.length);
    const found = at < 0 ? null : beforeAddress(message.slice(at + 5), status === 1);
    if (found === null) return null;
    const [user, invalid] = withoutInvalid(found.user);
    const method = message.slice(begins.length, at);
    return told(LOGON, status, { ...found, user, method }, 'sshd', invalid ? 'invalid user' : undefined);
  }
  if (message.startsWith('Invalid user ')) return besides(message.slice(13), 'invalid user');
  if (message.startsWith('User ')) return notAllowed(message);
  const exceeded = 'maximum authentication attempts exceeded for ';
  const at = message.startsWith('error: ') ? 7 : 0;
  if (message.startsWith(exceeded, at)) return besides(message.slice(at + exceeded.length), 'too many attempts');
  for (const begins of ENDED) if (message.startsWith(begins)) return endedEarly(message.slice(begins.length));
  return null;
}

const OUTCOMES: readonly (readonly [string, 1 | 2])[] = [
  ['Failed ', 2],
  ['Accepted ', 1],
];

const ENDED = ['Connection closed by ', 'Connection reset by ', 'Disconnected from '];

function withoutInvalid(user: string): readonly [string, boolean] {
  const invalid = user.startsWith(INVALID);
  return [invalid ? user.slice(INVALID.length) : user, invalid];
}

function besides(rest: string, why: string): Authentication | null {
  const found = beforeAddress(rest, false);
  if (found === null) return null;
  const [user] = withoutInvalid(found.user);
  return told(0, 2, { ...found, user }, 'sshd', why);
}

/**
 * `NAME from ADDRESS port N`, then ` ssh2`, `: RSA SHA256:…` or ` [preauth]`.
 *
 * @param hasKey something may stand behind `ssh2: `; a name cannot be of somebody who came in, so the first place is right
 */
function beforeAddress(text: string, hasKey: boolean): Attempt | null {
  let body = text.endsWith(' [preauth]') ? text.slice(0, -10) : text;
  if (hasKey) {
    const key = body.lastIndexOf(' ssh2: ');
    if (key >= 0) body = body.slice(0, key);
  }
  if (body.endsWith(' ssh2') || body.endsWith(' ssh1')) body = body.slice(0, -5);
  const at = body.lastIndexOf(' from ');
  // a name may be empty: `Failed password for invalid user  from …`
  if (at < 0) return null;
  const from = addressOf(body.slice(at + 6));
  return from === null ? null : { user: body.slice(0, at), from };
}

/** `ADDRESS port N`, `ADDRESS`. */
function addressOf(text: string): Endpoint | null {
  const [address = '', word, port, ...rest] = text.split(' ', 5);
  const ip = ipOf(address);
  if (rest.length > 0 || (word !== undefined && word !== 'port')) return null;
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && isPort(Number(port)))) return null;
  if (ip === undefined && !/^[A-Za-z0-9._-]{1,255}$/.test(address)) return null;
  return {
    ...(ip === undefined ? { hostname: address } : { ip }),
    ...(port === undefined ? {} : { port: Number(port) }),
  };
}

/** `User NAME from ADDRESS not allowed because …` */
function notAllowed(message: string): Authentication | null {
  const at = message.lastIndexOf(' not allowed because ');
  return at < 0 ? null : besides(message.slice(5, at), 'not allowed');
}

/** `authenticating user NAME ADDRESS port N [preauth]`, `invalid user NAME ADDRESS port N [preauth]`. */
function endedEarly(rest: string): Authentication | null {
  if (!rest.endsWith(' [preauth]')) return null;
  const begins = ['authenticating user ', INVALID].find((each) => rest.startsWith(each));
  if (begins === undefined) return null;
  const body = rest.slice(begins.length, -10);
  const port = body.lastIndexOf(' port ');
  const at = port < 0 ? -1 : body.lastIndexOf(' ', port - 1);
  const from = at < 0 ? null : addressOf(body.slice(at + 1));
  return from === null ? null : told(0, 2, { user: body.slice(0, at), from }, 'sshd', 'ended before logon');
}

/** `NAME : TTY=… ; PWD=… ; USER=root ; COMMAND=…`. The command stays where it is: passwords stand in them. */
function ofSudo(message: string): Authentication | null {
  const at = message.indexOf(' : ');
  if (at < 1 || message.slice(0, at).includes(' ')) return null;
  const rest = message.slice(at + 3);
  const as = /(?:^| ; )USER=([^ ;]{1,64})/.exec(rest.slice(0, 4096))?.[1];
  const who: Attempt = {
    user: message.slice(0, at),
    from: undefined,
    ...(as === undefined ? {} : { method: `as ${as}` }),
  };
  if (/^\d+ incorrect password attempt/.test(rest)) return told(LOGON, 2, who, 'sudo', 'wrong password');
  if (rest.startsWith('user NOT in sudoers') || rest.startsWith('command not allowed'))
    return told(LOGON, 2, who, 'sudo', 'not allowed');
  return rest.startsWith('TTY=') || rest.startsWith('PWD=') ? told(LOGON, 1, who, 'sudo') : null;
}

/** `pam_unix(SERVICE:auth): authentication failure; … rhost=ADDRESS  user=NAME`; of sshd and sudo they say it themselves. */
function ofPam(message: string): Authentication | null {
  const service = /^pam_[a-z0-9_]{1,32}\(([a-zA-Z0-9_-]{1,64}):(auth|session)\): /.exec(message.slice(0, 140));
  if (service === null) return null;
  const [head, name = ''] = service;
  if (name === 'sshd' || name === 'sudo' || name === 'cron') return null;
  const rest = message.slice(head.length);
  if (rest.startsWith('authentication failure;')) {
    const from = addressOf(wordAfter(rest, ' rhost='));
    return told(LOGON, 2, { user: lastAfter(rest, ' user='), from: from ?? undefined }, name);
  }
  const opened = 'session opened for user ';
  const closed = 'session closed for user ';
  if (rest.startsWith(opened))
    return told(LOGON, 1, { user: sessionUser(rest.slice(opened.length)), from: undefined }, name);
  return rest.startsWith(closed)
    ? told(LOGOFF, 1, { user: sessionUser(rest.slice(closed.length)), from: undefined }, name)
    : null;
}

const sessionUser = (text: string): string => /^[^ (]{1,64}/.exec(text)?.[0] ?? '';

function wordAfter(text: string, begins: string): string {
  const at = text.indexOf(begins);
  if (at < 0) return '';
  const end = text.indexOf(' ', at + begins.length);
  return text.slice(at + begins.length, end < 0 ? undefined : end);
}

function lastAfter(text: string, begins: string): string {
  const at = text.lastIndexOf(begins);
  return at < 0 ? '' : text.slice(at + begins.length).trim();
}
