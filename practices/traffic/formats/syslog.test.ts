import assert from 'node:assert/strict';
import { test } from 'node:test';

import { frameOf, syslogLine } from './syslog.ts';
import { all } from './testing-lines.ts';

const NOW = Date.UTC(2026, 10, 26, 14);
const about = { loggedTime: NOW, cut: false };
const sshd = (message: string) => syslogLine.read(`Nov 26 13:00:00 bastion sshd[812]: ${message}`, about);

/** Who, from where, and how it went. */
function attempt(message: string): unknown[] {
  const read = sshd(message);
  if (read === null || read === 'ignored') return [read];
  return [read.actor?.user?.uid, read.src_endpoint?.ip, read.activity_id, read.status_id, read.status_code];
}

test('the frames of RFC 5424, RFC 3164 and of files are read', () => {
  const frames = [
    '<34>1 2026-11-26T13:00:00.003Z host sshd 812 - [a@1 x="\\"]\\\\"][b y="z"] \uFEFFsaid',
    '<34>Nov 26 13:00:00 host sshd[812]: said',
    'Nov 26 13:00:00 host sshd-session[812]: said',
    '2026-11-26T13:00:00.123456+00:00 host /usr/sbin/sshd[812]: said',
  ];

  for (const line of frames) {
    const frame = frameOf(line, NOW);
    assert.deepEqual([frame?.host, frame?.program, frame?.message], ['host', 'sshd', 'said'], line);
    assert.equal(Math.trunc((frame?.time ?? 0) / 1000), Date.UTC(2026, 10, 26, 13) / 1000, line);
  }
  for (const line of [
    '<192>1 - h a - - - x',
    '<>x',
    '<34',
    'Nov 32 13:00:00 h a: b',
    'Nov 26 13:00:00 h a',
    '<34>1 - h',
    '<1>1 - h a - - [x',
    '',
  ])
    assert.equal(frameOf(line, NOW), null, line);
});

test('a time without a year is of the year nearest to now', () => {
  const time = (text: string, now: number) => new Date(frameOf(`${text} h a: b`, now)?.time ?? 0).toISOString();

  assert.equal(time('Dec 31 23:59:59', Date.UTC(2027, 0, 1, 0, 1)), '2026-12-31T23:59:59.000Z');
  assert.equal(time('Jan  1 00:00:01', Date.UTC(2026, 11, 31, 23, 59)), '2027-01-01T00:00:01.000Z');
  assert.equal(time('Dec 20 00:00:01', Date.UTC(2026, 10, 26)), '2025-12-20T00:00:01.000Z');
});

test('what sshd says of attempts', () => {
  assert.deepEqual(attempt('Failed password for root from 203.0.113.9 port 4222 ssh2'), [
    'root',
    '203.0.113.9',
    1,
    2,
    undefined,
  ]);
  assert.deepEqual(attempt('Failed password for invalid user adm from 2001:db8::0:9 port 4222 ssh2'), [
    'adm',
    '2001:db8::9',
    1,
    2,
    'invalid user',
  ]);
  assert.deepEqual(attempt('Accepted publickey for anna from 203.0.113.9 port 4222 ssh2: ED25519 SHA256:abc'), [
    'anna',
    '203.0.113.9',
    1,
    1,
    undefined,
  ]);
  assert.deepEqual(attempt('Failed none for invalid user  from 203.0.113.9 port 1 ssh2'), [
    undefined,
    '203.0.113.9',
    1,
    2,
    'invalid user',
  ]);
  assert.deepEqual(attempt('Invalid user adm from 203.0.113.9 port 4222'), [
    'adm',
    '203.0.113.9',
    0,
    2,
    'invalid user',
  ]);
  assert.deepEqual(
    attempt('error: maximum authentication attempts exceeded for root from 203.0.113.9 port 4222 ssh2 [preauth]'),
    ['root', '203.0.113.9', 0, 2, 'too many attempts'],
  );
  assert.deepEqual(attempt('Connection closed by authenticating user root 203.0.113.9 port 4222 [preauth]'), [
    'root',
    '203.0.113.9',
    0,
    2,
    'ended before logon',
  ]);
  assert.deepEqual(attempt('User bob from 203.0.113.9 not allowed because not listed in AllowUsers'), [
    'bob',
    '203.0.113.9',
    0,
    2,
    'not allowed',
  ]);
  for (const other of [
    'Server listening on 0.0.0.0 port 22.',
    'Failed password',
    'Failed password for root from 203.0.113.9 port 65536 ssh2',
    'Disconnected from user anna 203.0.113.9 port 4',
    '',
  ])
    assert.deepEqual(attempt(other), ['ignored'], other);
});

test('a name that looks like an address blames nobody else', () => {
  const name = 'root from 198.51.100.7 port 22 ssh2';

  assert.deepEqual(attempt(`Failed password for invalid user ${name} from 203.0.113.9 port 4222 ssh2`), [
    name,
    '203.0.113.9',
    1,
    2,
    'invalid user',
  ]);
  assert.deepEqual(attempt(`Invalid user ${name} from 203.0.113.9 port 4222`), [
    name,
    '203.0.113.9',
    0,
    2,
    'invalid user',
  ]);
  assert.deepEqual(
    attempt(`Connection closed by invalid user x 198.51.100.7 port 22 203.0.113.9 port 4222 [preauth]`),
    ['x 198.51.100.7 port 22', '203.0.113.9', 0, 2, 'ended before logon'],
  );
  assert.deepEqual(
    attempt(`Failed password for x ssh2: y from 198.51.100.7 port 1 ssh2 from 203.0.113.9 port 4222 ssh2`)[1],
    '203.0.113.9',
  );
});

test('sudo and PAM are authentications, without the command', () => {
  const read = (line: string) => {
    const told = syslogLine.read(`Nov 26 13:00:00 h ${line}`, about);
    return told === null || told === 'ignored'
      ? told
      : { who: told.actor?.user?.uid, is: told.status_id, ...told.unmapped };
  };

  assert.deepEqual(read('sudo:   anna : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/mysql -psecret'), {
    who: 'anna',
    is: 1,
    service: 'sudo',
    auth_method: 'as root',
  });
  assert.equal(
    JSON.stringify(read('sudo: anna : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/x -psecret')).includes('secret'),
    false,
  );
  assert.deepEqual(read('sudo: anna : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/x'), {
    who: 'anna',
    is: 2,
    service: 'sudo',
    auth_method: 'as root',
  });
  assert.deepEqual(
    read(
      'dovecot: pam_unix(dovecot:auth): authentication failure; logname= uid=0 euid=0 tty=dovecot ruser=bob rhost=203.0.113.9  user=bob',
    ),
    { who: 'bob', is: 2, service: 'dovecot' },
  );
  assert.deepEqual(read('su[9]: pam_unix(su:session): session opened for user root(uid=0) by anna(uid=1000)'), {
    who: 'root',
    is: 1,
    service: 'su',
  });
  assert.equal(read('sshd[1]: pam_unix(sshd:auth): authentication failure; rhost=203.0.113.9 user=root'), 'ignored');
  assert.equal(read('CRON[1]: pam_unix(cron:session): session opened for user root'), 'ignored');
});

test('what rsyslog puts into one line is as many attempts as it says, each by itself, and nobody makes it many by a name', () => {
  const line = (message: string): string => `Nov 26 13:00:00 bastion sshd[812]: ${message}\n`;
  const failed = 'Failed password for root from 203.0.113.9 port 4222 ssh2';

  const events = all(syslogLine, line(failed) + line(`message repeated 3 times: [ ${failed}]`));

  assert.deepEqual(
    events.map(({ actor, src_endpoint: from, status_id: status }) => [actor?.user?.uid, from?.ip, status]),
    Array.from({ length: 4 }, () => ['root', '203.0.113.9', 2]),
  );
  assert.equal(new Set(events.map(({ metadata }) => metadata.uid)).size, 4);
  assert.equal(all(syslogLine, line(`message repeated 9999 times: [ ${failed}]`)).length, 100, 'bounded');
  assert.equal(all(syslogLine, line(`Failed password for message repeated 50 times: [ ${failed}`)).length, 1);
  assert.equal(all(syslogLine, line('message repeated 2 times: [ Server listening on 0.0.0.0 port 22.]')).length, 0);
});
