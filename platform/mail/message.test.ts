import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { readAddress, readMailbox } from './address.ts';
import { checkMail, subjectLine, type MailToQueue } from './message.ts';
import { readSmtpUrl } from './smtp.ts';

const MAIL: MailToQueue = {
  to: 'ada@example.org',
  subject: 'One',
  text: 'Hello,\r\nAda',
  kind: 'test.mail',
  dedupeKey: null,
};
const invalid = { code: 'MAIL_INVALID' };

test('nothing in a mail ends a line of its header or names another recipient', () => {
  for (const end of ['\r\n', '\n', '\r', '\u0000', '\u000b', '\u000c', '\u0085', '\u2028', '\u2029', '\ud800']) {
    const evil = `x${end}Bcc: eve@example.org`;
    for (const part of [
      { subject: evil },
      { subject: `x${end}` },
      { to: `ada@example.org${end}` },
      { to: evil },
      { headers: { 'X-One': evil } },
      { headers: { [`X-One${end}`]: 'x' } },
      { headers: { [`X-One: a${end}Bcc`]: 'eve@example.org' } },
      { kind: `test.mail${end}` },
    ])
      assert.throws(() => checkMail({ ...MAIL, ...part }), invalid, JSON.stringify(part));
  }
  for (const to of ['ada@example.org, eve@example.org', 'ada@example.org;eve@example.org', 'Ada <ada@example.org>', '<ada@example.org>', '"a b"@example.org', 'ada@example.org eve@example.org', 'ada', '@example.org', 'ada@', 'a..b@example.org', '.a@example.org', 'a@-x.org', 'a@x..org', 'a@[127.0.0.1]', 'group: ada@example.org;', `${'a'.repeat(65)}@example.org`, `a@${'x'.repeat(64)}.org`, 'ä@example.org'])
    assert.throws(() => checkMail({ ...MAIL, to }), invalid, to); // prettier-ignore
  for (const name of ['Bcc', 'CC', 'to', 'From', 'Sender', 'Reply-To', 'Content-Type', 'Message-ID', 'Resent-To', 'DKIM-Signature', 'Date', 'X One', ''])
    assert.throws(() => checkMail({ ...MAIL, headers: { [name]: 'x' } }), invalid, name); // prettier-ignore
  assert.throws(() => checkMail({ ...MAIL, headers: { 'X-One': 'a', 'x-one': 'b' } }), invalid);
  assert.throws(() => checkMail({ ...MAIL, headers: { 'X-One': 'ä' } }), invalid);
  assert.throws(() => checkMail({ ...MAIL, text: ' ' }), invalid);
  assert.throws(() => checkMail({ ...MAIL, text: 'a\u0000b' }), invalid);
  assert.throws(() => checkMail({ ...MAIL, html: 'x'.repeat(512 * 1024 + 1) }), invalid);
});

test('a line that is too long for a subject is cut behind a whole character', () => {
  for (const length of [198, 199, 200]) {
    const subject = subjectLine(`${'x'.repeat(length)}🎣🎣`);
    assert.equal(checkMail({ ...MAIL, subject }).subject, `${'x'.repeat(length)}${length === 198 ? '🎣' : ''}`);
  }
  assert.equal(subjectLine('🎣'), '🎣');
});

test('whatever is accepted has one line where there is one, and what is refused is not repeated', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }),
      (to, subject, value) => {
        try {
          const mail = checkMail({ ...MAIL, to, subject, headers: { 'X-One': value } });
          assert.doesNotMatch(`${mail.to}${mail.subject}${mail.headers['X-One'] ?? ''}`, /[\p{Cc}\p{Zl}\p{Zp}]/u);
        } catch (thrown) {
          const { message } = thrown as Error;
          assert.ok(value.length < 8 || !message.includes(value));
        }
      },
    ),
  );
});

test('what is meant well is taken: names of all scripts, a domain of another, headers of one click', () => {
  assert.equal(readAddress('ada@bücher.example'), 'ada@xn--bcher-kva.example');
  assert.equal(readAddress("o'neil+tag@mail.example.org"), "o'neil+tag@mail.example.org");
  const headers = {
    'List-Unsubscribe': '<https://example.org/out/abc>',
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
  };
  assert.deepEqual(checkMail({ ...MAIL, subject: 'Größe 📦 日本', headers }).headers, headers);
  assert.deepEqual(readMailbox('Our Company <room@example.org>'), { name: 'Our Company', address: 'room@example.org' });
  assert.deepEqual(readMailbox('room@example.org'), { name: '', address: 'room@example.org' });
  for (const text of ['A\r\nBcc: x <room@example.org>', 'A <b> <room@example.org>', 'A <room@example.org', 'nobody'])
    assert.equal(readMailbox(text), null, text);
});

test('the URL of a mail server asks for TLS, except on this machine or where somebody said so', () => {
  const read = (url: string, mode: 'required' | 'off' = 'required') => readSmtpUrl(url, mode);
  assert.deepEqual(read('smtp://ada:p%40ss@mail.example.org'), {
    host: 'mail.example.org',
    port: 587,
    tls: 'required',
    auth: { user: 'ada', pass: 'p@ss' },
  });
  assert.deepEqual(read('smtps://mail.example.org'), {
    host: 'mail.example.org',
    port: 465,
    tls: 'implicit',
    auth: null,
  });
  assert.equal(read('smtp://127.0.0.1:2525')?.tls, 'none');
  assert.equal(read('smtp://[::1]:2525')?.host, '::1');
  assert.equal(read('smtp://mail.example.org', 'off')?.tls, 'none');
  assert.equal(read('smtps://mail.example.org', 'off')?.tls, 'implicit');
  assert.equal(read('smtp://127.0.0.1.example.org')?.tls, 'required');
  for (const url of ['http://mail.example.org', 'smtp://', 'smtp://ada@mail.example.org', 'smtp://mail.example.org/x', 'smtp://mail.example.org?tls=no', 'mail.example.org', 'smtp://a:%zz@mail.example.org'])
    assert.equal(read(url), null, url); // prettier-ignore
});
