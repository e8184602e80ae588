import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createDetector } from './detector.ts';
import type { DetectedType } from './finding.ts';

const detector = createDetector();

/** What is found, as type and the text it covers. */
const found = (text: string, minConfidence = 0.5): string[] =>
  detector.detectText(text, { minConfidence }).map(({ type, start, end }) => `${type}: ${text.slice(start, end)}`);

const POSITIVES: ReadonlyArray<readonly [type: DetectedType, text: string, value: string]> = [
  ['email', 'write to Jo.O-Neil+news@mail.example.co.uk.', 'Jo.O-Neil+news@mail.example.co.uk'],
  ['email', 'mailto=ünal@bücher.example;', 'ünal@bücher.example'],
  ['phone', 'call +49 (30) 901820 now', '+49 (30) 901820'],
  ['phone', 'tel. 020 7946 0958', '020 7946 0958'],
  ['phone', '(212) 736-5000 x12', '(212) 736-5000 x12'],
  ['phone', 'mobile 07911123456', '07911123456'],
  ['payment-card', 'paid with 4111 1111 1111 1111', '4111 1111 1111 1111'],
  ['payment-card', 'amex 3782 822463 10005', '3782 822463 10005'],
  ['payment-card', 'card 4222222222222', '4222222222222'],
  ['payment-card', 'card: 30569309025904', '30569309025904'],
  ['payment-card', 'debit card 6759649826438453', '6759649826438453'],
  ['payment-card', 'my maestro card 676770000005', '676770000005'],
  ['iban', 'IBAN: GB82 WEST 1234 5698 7654 32.', 'GB82 WEST 1234 5698 7654 32'],
  ['iban', 'de89370400440532013000', 'de89370400440532013000'],
  ['ip-address', 'from 203.0.113.195, then', '203.0.113.195'],
  ['ip-address', 'host 2001:db8:0:0:8a2e::7334', '2001:db8:0:0:8a2e::7334'],
  ['mac-address', 'card 3D-F2-C9-A6-B3-4F is', '3D-F2-C9-A6-B3-4F'],
  ['national-id', 'SSN 536-90-4399', '536-90-4399'],
  ['national-id', 'mi DNI es 12345678Z', '12345678Z'],
  ['national-id', 'numéro 2 55 08 14 168 025 38', '2 55 08 14 168 025 38'],
  ['national-id', 'codice RCCMNL83S18D969H', 'RCCMNL83S18D969H'],
  ['national-id', 'Steuer-ID 86 095 742 719', '86 095 742 719'],
  ['national-id', 'CPF 390.533.447-05', '390.533.447-05'],
  ['passport', 'passport no. C01X00T47', 'C01X00T47'],
  ['passport', 'L898902C36UTO7408122F1204159ZE184226B<<<<<10', 'L898902C36UTO7408122F1204159ZE184226B<<<<<10'],
  ['device-id', 'IMEI 356938035643809', '356938035643809'],
  ['birth-date', 'born on 12 March 1985 in', '12 March 1985'],
  ['birth-date', 'Geburtsdatum: 03.12.1985', '03.12.1985'],
  ['birth-date', 'née le 1 février 1990', '1 février 1990'],
  ['birth-date', 'DOB 1985-03-12', '1985-03-12'],
  ['geo-position', 'at 52.52001, 13.40495', '52.52001, 13.40495'],
  ['geo-position', 'lat/lon -33.8568 151.2153', '-33.8568 151.2153'],
  ['vehicle-plate', 'Kennzeichen B-MW 1234', 'B-MW 1234'],
  ['credential', 'password: hunter2!', 'hunter2!'],
  ['credential', '{"api_key": "9f86d081884c7d659a2feaa0c55ad015"}', '9f86d081884c7d659a2feaa0c55ad015'],
  ['credential', `ghp_${'a1B2c3'.repeat(6)}`, `ghp_${'a1B2c3'.repeat(6)}`],
  ['credential', 'postgres://app:s3cret@db.example.org/x', 's3cret'],
  ['username', 'follow @jane_doe on Twitter', '@jane_doe'],
  ['username', 'username: jdoe42', 'jdoe42'],
];

test('each type is found where it stands, with reasons and without its value in them', () => {
  for (const [type, text, value] of POSITIVES) {
    assert.ok(found(text).includes(`${type}: ${value}`), `${type} in “${text}”: ${found(text).join(' | ')}`);
    for (const { reasons, confidence } of detector.detectText(text)) {
      assert.ok(reasons.length > 0 && confidence >= 0.5 && confidence <= 0.99, text);
      assert.ok(!JSON.stringify(reasons).includes(value), text);
    }
  }
});

const NAMES: readonly string[] = [
  'My name is Wijtze Bakker and I live in London.',
  'Sehr geehrte Frau Schneider,',
  "Je m'appelle Amélie Dubois",
  'Don Alejandro García llamó ayer',
  'ask Maria about it',
];

test('names of persons are found in four languages; broad finds no fewer than precise', () => {
  for (const text of NAMES)
    assert.ok(
      found(text).some((one) => one.startsWith('person-name')),
      text,
    );
  const all = NAMES.join('\n');
  const broad = detector.detectText(all, { names: 'broad', types: ['person-name'] });
  assert.ok(broad.length >= detector.detectText(all, { types: ['person-name'] }).length);
});

test('addresses, words for health and other special categories are found', () => {
  const seen = (text: string): string[] => found(text).map((one) => one.split(':')[0] as string);

  for (const text of [
    'he lives at 221b Baker Street, London',
    'Hauptstraße 12, 10115 Berlin',
    '12 rue de la Paix, 75002 Paris',
    'Calle Mayor 5, Madrid',
  ])
    assert.ok(seen(text).includes('postal-address'), text);
  for (const text of ['she has diabetes', 'der Patient ist schwerbehindert', 'elle est enceinte', 'tiene cáncer'])
    assert.ok(seen(text).includes('health'), text);
  for (const text of ['he is Catholic', 'member of a trade union', 'sie ist konfessionslos', 'orientación sexual'])
    assert.ok(seen(text).includes('special-category'), text);
});

const NEAR_MISSES: readonly string[] = [
  'card 4111 1111 1111 1112', // Luhn
  'card 9999 9999 9999 9995', // no issuer
  'IBAN GB82 WEST 1234 5698 7654 33', // mod 97
  'IBAN GB82 WEST 1234 5698 7654', // length
  'version 1.2.3.4 and 300.1.2.3',
  'at 12:30:45 the ratio is 3.14159',
  'std::vector and a::b',
  'order 20240115 of 2024-01-15 10:30',
  'order 123456789, invoice 9434765919',
  'amount 1 234 567 or 1.234.567,89',
  'look @ the price, 5@3',
  'user@localhost and a@b',
  'plate of pasta, born to run',
  'the passport office closes at 1700',
  'password: required',
  'reset your password here',
  'DNI 12345678A',
  'SSN 000-12-3456 666-12-3456',
  'IMEI 356938035643808',
  'since 12 March 1985 we sell',
  'commit 9f86d081884c7d659a2feaa0c55ad015',
  'eyJhbGciOiJub25lIn0 is no token',
  'the report is on the table by the window',
  'Blue Cotton Table, 12 pieces',
  'the street was empty, 12 of them',
  'Order of the day: nothing',
];

test('near misses are not found', () => {
  for (const text of NEAR_MISSES) assert.deepEqual(found(text), [], text);
});

test('findings are in order, do not overlap, and are only of the types asked for', () => {
  const text = POSITIVES.map(([, one]) => one).join('\n');

  const findings = detector.detectText(text);

  for (const [at, { start, end }] of findings.entries())
    assert.ok(start < end && start >= (findings[at - 1]?.end ?? 0));
  assert.ok(findings.length >= POSITIVES.length - 3);
  assert.deepEqual(new Set(detector.detectText(text, { types: ['iban'] }).map(({ type }) => type)), new Set(['iban']));
  assert.equal(detector.detectText(text, { maxFindings: 3 }).length, 3);
});

test('a finding over the border of two parts of the scan is found once', () => {
  for (const shift of [0, 1, 5, 9, 16]) {
    const text = `${'lorem '.repeat(2729)}${'x'.repeat(shift)} 4111 1111 1111 1111 and jo@example.org`;

    assert.equal(detector.detectText(text).length, 2, String(shift));
  }
});

test('a column is known by its values, by its name, and not against its type', () => {
  const emails = Array.from({ length: 30 }, (_, i) => `person${i}@example.org`);

  assert.equal(detector.detectColumn({ name: 'c1', samples: emails }).type, 'email');
  assert.equal(detector.detectColumn({ name: 'c1', samples: emails }).level, 'certain');
  assert.equal(detector.detectColumn({ name: 'email', samples: [], sqlType: 'text' }).type, 'email');
  assert.equal(
    detector.detectColumn({ name: 'email_verified', samples: [true, false], sqlType: 'boolean' }).type,
    null,
  );
  assert.equal(detector.detectColumn({ name: 'last_update', samples: ['2006-02-15 09:57:20'] }).type, null);
  assert.equal(detector.detectColumn({ name: 'lastName', samples: ['SMITH'] }).type, 'person-name');
  const { prevalence } = detector.detectColumn({ name: 'x', samples: [...emails.slice(0, 19), 'none'] });
  assert.deepEqual(prevalence, { share: 0.95, low: 0.764, high: 0.991, of: 20 });
});

/** Steps are counted in code units read, so that the machine's speed has no part in it. */
function unitsRead(text: string): number {
  let read = 0;
  const counting = new Proxy(Object(text), {
    get: (target, name) => {
      if (name === 'charCodeAt')
        return (at: number) => {
          read += 1;
          return text.charCodeAt(at);
        };
      const value = Reflect.get(Object(text) as object, name) as unknown;
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        const result = (value as (...given: unknown[]) => unknown).apply(text, args);
        // a search or a cut reads what it goes over
        read += typeof result === 'string' ? result.length : name === 'startsWith' ? 16 : text.length;
        return result;
      };
    },
  }) as string;
  detector.detectText(counting, { minConfidence: 0.3 });
  return read;
}

const HOSTILE: readonly string[] = [
  '1 ', '1-', '(1)', '1.1.', '+', '+1 ', '4111 ', 'a@', '@', 'a.', 'a@a.a', ':', '::', 'a:', 'AB12 ', '-----BEGIN ', '-----BEGIN PRIVATE KEY-----',
  'eyJ', 'eyJhbGciOiJub25lIn0', 'ghp_', '=', 'password: ', 'password=', 'P<', '<', 'B-', 'Mr ', 'Anna ', "O'", '12 Baker ', 'Street ', 'rue de ', 'hiv ', '°', '://a:', 'x', '9', 'é', '\n', '\u0000', '\ud800', '12 march ', '52.12345, ',
]; // prettier-ignore

test('time is linear in the length of one line, whatever stands in it', () => {
  for (const part of HOSTILE) {
    const of = (size: number): number => unitsRead(part.repeat(Math.ceil(size / part.length)));

    const [small, large] = [of(9_000), of(54_000)];

    assert.ok(large < small * 6 * 1.6, `${JSON.stringify(part)}: ${small} units, then ${large} for 6 times as many`);
    assert.ok(large < 54_000 * 400, `${JSON.stringify(part)}: ${large / 54_000} for each`);
  }
});

test('any text of any code units is read without an error, one of 10 MB too', () => {
  let seed = 7;
  const random = (): number => (seed = (seed * 16_807) % 2_147_483_647);
  const units = Uint16Array.from({ length: 200_000 }, () => random() % 65_536);
  detector.detectText(String.fromCharCode(...units.subarray(0, 60_000)));
  detector.detectText(Buffer.from(units.buffer).toString('latin1'), { names: 'broad' });
  detector.detectText(Buffer.from(units.buffer).toString('utf8'));

  const long = `${'x'.repeat(5_000_000)} jo@example.org ${'7'.repeat(5_000_000)}`;

  assert.deepEqual(
    detector.detectText(long).map(({ start, type }) => [type, start]),
    [['email', 5_000_001]],
  );
});
