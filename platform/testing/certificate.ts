/** X.509 certificates for tests of TLS: P-256, made as bytes, since Node makes none. Source: RFC 5280 §4.1, RFC 5758 §3.2 */
import { createPrivateKey, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

export type TestCertificate = Readonly<{
  /** PEM */
  cert: string;
  key: string;
  name: string;
}>;

const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
};
const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));
const ECDSA_SHA256 = sequence(oid('2a8648ce3d040302'));
const commonName = (name: string): Buffer => sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(name)))));
const time = (at: Date): Buffer => der(0x18, Buffer.from(at.toISOString().replaceAll(/[-:T]|\.\d+/g, '')));
const extension = (id: string, value: Buffer): Buffer => sequence(oid(id), der(0x04, value));

/** @param by whoever signs; without one it signs itself @param until in milliseconds from now */
export function testCertificate(
  name: string,
  {
    by,
    authority = false,
    fromMs = -60_000,
    untilMs = 3_600_000,
  }: Readonly<{ by?: TestCertificate; authority?: boolean; fromMs?: number; untilMs?: number }> = {},
): TestCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signer: KeyObject = by === undefined ? privateKey : createPrivateKey(by.key);
  const now = Date.now();
  const extensions = [
    ...(authority ? [extension('551d13', sequence(der(0x01, Buffer.from([0xff]))))] : []),
    // 127.0.0.1
    extension('551d11', sequence(der(0x87, Buffer.from([127, 0, 0, 1])))),
  ];
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_SHA256,
    commonName(by?.name ?? name),
    sequence(time(new Date(now + fromMs)), time(new Date(now + untilMs))),
    commonName(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = der(0x03, Buffer.from([0]), sign('sha256', body, signer));
  const whole = sequence(body, ECDSA_SHA256, signature)
    .toString('base64')
    .replaceAll(/.{64}(?!$)/g, '$&\n');
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${whole}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    name,
  };
}
