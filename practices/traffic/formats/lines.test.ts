/** Lines of access logs; and whatever stands in a line of any format. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { accessLog, CLF, COMBINED } from './access-log.ts';
import type { LineFormat } from './lines.ts';
import { lineFormat, recognise } from './recognise.ts';
import { isPlain } from './text.ts';
import { NOW, LINE_FORMATS, parser, all, only, REQUEST, COMBINED_LINE, EVE, eve } from './testing-lines.ts';

test('a line of CLF and of COMBINED is one HTTP event', () => {
  const clf = only(accessLog(), REQUEST);
  const combined = only(accessLog(), `${COMBINED_LINE}\n`);

  assert.equal(clf.time, Date.UTC(2026, 10, 26, 12));
  assert.deepEqual(clf.http_request, {
    http_method: 'GET',
    url: { path: '/a', query_string: 'b=c' },
    version: '1.1',
  });
  assert.deepEqual([clf.class_uid, clf.activity_id, clf.status_id], [4002, 3, 2]);
  assert.deepEqual(clf.src_endpoint, { ip: '203.0.113.9' });
  assert.deepEqual(clf.http_response, { code: 404, length: 153 });
  assert.equal(combined.http_request?.user_agent, 'curl/8.5');
  assert.equal(combined.http_request?.referrer, 'https://example.org/');
  assert.deepEqual(combined.metadata.log_name, 'test');
  assert.equal(combined.metadata.logged_time, NOW);
});

test('a log_format of nginx is declared as nginx writes it', () => {
  const format = accessLog(
    '$remote_addr:$remote_port|$host|$request_method|$request_uri|$status|$request_time|$ssl_protocol|$msec',
  );

  const event = only(format, '2001:db8:0:0::9:443|shop.example|POST|/login?x=1|200|0.042|TLSv1.3|1795700000.123');

  assert.equal(event.time, 1_795_700_000_123);
  assert.deepEqual(event.http_request?.url, { path: '/login', query_string: 'x=1', hostname: 'shop.example' });
  assert.equal(event.http_response?.latency, 42);
  assert.deepEqual(event.tls, { version: 'TLSv1.3' });
  assert.throws(() => accessLog('$remote_addr$status'), /touch/);
  assert.throws(() => accessLog('nothing'), /no variable/);
});

test('quotes that Apache and nginx escaped end no value, and what is appended to COMBINED is left alone', () => {
  const format = accessLog();

  const apache = only(format, `${REQUEST} "-" "a \\"quoted\\" agent \\\\" 0.004 extra`);
  const nginx = only(format, `${REQUEST} "-" "a \\x22quoted\\x22"`);

  assert.equal(apache.http_request?.user_agent, 'a \\"quoted\\" agent \\\\');
  assert.equal(nginx.http_request?.user_agent, 'a \\x22quoted\\x22');
  assert.equal(nginx.http_request?.referrer, undefined);
});

test('a name with brackets in it moves neither the time nor the request', () => {
  const event = only(
    accessLog(),
    '203.0.113.9 - x [01/Jan/2000:00:00:00 +0000 [26/Nov/2026:13:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "-"',
  );

  assert.equal(event.time, Date.UTC(2026, 10, 26, 13));
  assert.equal(event.actor?.user?.uid, 'x [01/Jan/2000:00:00:00 +0000');
});

test('bytes that are no request are kept as what they are', () => {
  const line = '203.0.113.9 - - [26/Nov/2026:13:00:00 +0000] "\\x16\\x03\\x01" 400 157 "-" "-"';

  const event = only(accessLog(), line);

  assert.equal(event.http_request?.http_method, 'UNKNOWN');
  assert.equal(event.unmapped?.request, '\\x16\\x03\\x01');
});

test('a line read twice has one uid; the same words elsewhere in the log have another', () => {
  const twice = `${REQUEST}\n${REQUEST}\n`;

  const first = all(accessLog(), twice).map(({ metadata }) => metadata.uid);
  const again = all(accessLog(), twice).map(({ metadata }) => metadata.uid);
  const resumed = parser(accessLog(), { position: REQUEST.length + 1 }).feed(Buffer.from(`${REQUEST}\n`));

  assert.deepEqual(first, again);
  assert.notEqual(first[0], first[1]);
  assert.equal(resumed[0]?.metadata.uid, first[1]);
});

test('however the bytes are cut into pieces, the events are the same', () => {
  const text = Buffer.from(`${COMBINED_LINE}\r\nnot a line ä\n\n${REQUEST} "-" "käse"\nunfinished`);
  const whole = all(accessLog(), text);

  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: text.length }), { maxLength: 8 }), (cuts) => {
      const one = parser(accessLog());
      const edges = [0, ...cuts.sort((a, b) => a - b), text.length];
      const events = edges.slice(1).flatMap((to, at) => one.feed(text.subarray(edges[at], to)));
      assert.deepEqual([...events, ...one.end()], whole);
    }),
  );
});

test('a line of a megabyte is cut, counted, held in bounds, and the next one is read', () => {
  const one = parser(accessLog(), { mostLineBytes: 4096 });
  const long = `203.0.113.9 - - [26/Nov/2026:13:00:00 +0000] "GET /${'a'.repeat(1_000_000)} HTTP/1.1" 200 5\n`;

  const events = [...one.feed(Buffer.from(long.slice(0, 500_000))), ...one.feed(Buffer.from(long.slice(500_000)))];
  const pending = one.pendingBytes();
  const next = one.feed(Buffer.from(`${REQUEST}\n`));

  assert.equal(one.counts().cut, 1);
  // who makes a line too long does not hide with it
  assert.equal(events[0]?.src_endpoint?.ip, '203.0.113.9');
  assert.equal(events[0]?.http_request?.url.path.length, 2048);
  assert.equal(pending, 0);
  assert.equal(next.length, 1);
  assert.equal(all(lineFormat('eve'), `{"event_type":"${'x'.repeat(300_000)}`).length, 0);
});

test('a time that no source can mean stays; what nothing can hold is bent, and the time it came in is ours', () => {
  const old = only(lineFormat('eve'), eve({ timestamp: '0001-01-01T00:00:00.000000+0000' }));
  const far = only(lineFormat('zeek'), '{"ts":1e300,"note":"x"}');
  const future = only(lineFormat('eve'), eve({ timestamp: '2999-01-01T00:00:00.000000+0000' }));

  assert.equal(old.time, 0);
  assert.equal(new Date(far.time).getUTCFullYear(), 9999);
  assert.equal(future.time, Date.UTC(2999, 0, 1));
  assert.equal(future.metadata.logged_time, NOW);
});

test('no escape sequence, NUL, override or half a character reaches an event or what is kept aside', () => {
  const nasty = '\u001b[2J\u0000\u202egpj\u009b31m\ud800';
  const lines: [LineFormat, string][] = [
    [lineFormat('eve'), eve({ alert: { ...EVE.alert, signature: nasty, category: nasty }, app_proto: nasty })],
    [lineFormat('zeek'), JSON.stringify({ ts: 1, note: nasty, msg: nasty, src: nasty, sub: nasty })],
    [
      accessLog(),
      `${nasty.replace(' ', '')} - ${nasty} [26/Nov/2026:13:00:00 +0000] "GET /${nasty} HTTP/1.1" 200 5 "${nasty}" "${nasty}"`,
    ],
    [
      lineFormat('syslog'),
      `Nov 26 13:00:00 ${nasty} sshd[1]: Failed password for ${nasty} from 203.0.113.9 port 2 ssh2`,
    ],
    [lineFormat('vpc-flow'), `2 1 ${nasty} 203.0.113.9 10.0.0.4 4444 22 6 20 4249 1 2 ${nasty} OK`],
  ];

  for (const [format, line] of lines) {
    assertPlain(only(format, line));
    const one = parser(format);
    one.feed(Buffer.from(`${nasty} is no line\n`));
    assert.equal(one.counts().malformed, 1, format.product);
    assertPlain(one.aside());
  }
});

function assertPlain(value: unknown): void {
  if (typeof value === 'string') assert.ok(isPlain(value), JSON.stringify(value));
  else if (typeof value === 'object' && value !== null)
    [...Object.keys(value), ...Object.values(value)].forEach(assertPlain);
}

test('any bytes: nothing is thrown, every event is plain, what is held is bounded', () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
    fc.string({ unit: 'binary', maxLength: 200 }).map((text) => Buffer.from(text)),
    fc
      .constantFrom(REQUEST, COMBINED_LINE, eve({}), '<34>1 2026-11-26T13:00:00Z h sshd 1 - - ')
      .map((text) => Buffer.from(text)),
    fc
      .json()
      .map((json) =>
        Buffer.from(`{"event_type":"alert","timestamp":${json},"alert":${json},"ts":${json},"note":${json}}`),
      ),
    fc.constant(Buffer.from('\n')),
  );
  fc.assert(
    fc.property(fc.constantFrom(...LINE_FORMATS), fc.array(piece, { maxLength: 12 }), (name, pieces) => {
      const one = parser(lineFormat(name), { mostLineBytes: 512 });
      const events = pieces.flatMap((each) => one.feed(each));
      assertPlain([...events, ...one.end(), ...one.aside()]);
      for (const { time } of events) assert.ok(Number.isSafeInteger(time) && time >= 0);
      assert.ok(one.aside().length <= 20);
    }),
    { numRuns: 300 },
  );
});

test('each format is known by what it begins with, one damaged line or not', () => {
  const beginnings = {
    eve: eve({}),
    zeek: '{"ts":1,"uid":"C","conn_state":"SF"}',
    'access-log': COMBINED_LINE,
    syslog: 'Nov 26 13:00:00 host sshd[1]: Connection from 1.2.3.4',
    'vpc-flow': '2 123456789012 eni-1 203.0.113.9 10.0.0.4 4444 22 6 20 4249 1418530010 1418530070 REJECT OK',
  };

  for (const [name, line] of Object.entries(beginnings)) {
    assert.equal(recognise(Buffer.from(`${line}\n${line}`)), name);
    assert.equal(recognise(Buffer.from(`\u0000damaged\n${line}\n`)), name);
  }
  assert.equal(recognise(Buffer.from('version account-id srcaddr dstaddr\n')), 'vpc-flow');
  assert.equal(recognise(Buffer.from('d4c3b2a1', 'hex')), 'pcap');
  assert.equal(recognise(Buffer.from('0a0d0d0a', 'hex')), 'pcapng');
  assert.equal(recognise(Buffer.from('hello')), null);
  assert.equal(recognise(Buffer.alloc(0)), null);
  assert.equal(all(accessLog(CLF), REQUEST).length, all(accessLog(COMBINED), REQUEST).length);
});

test('whoever calls themselves like an id of this system is not taken for it', () => {
  const id = '01kb0000000000000000000000';
  for (const name of [`key_${id}`, `per_${id}`, `PER_${id}`, `wkl_${id}`])
    assert.equal(only(accessLog(), REQUEST.replace('- - [', `- ${name} [`)).actor?.user?.uid, `foreign:${name}`);
  assert.equal(only(accessLog(), REQUEST.replace('- - [', '- keyboard [')).actor?.user?.uid, 'keyboard');
});
