/**
 * What a port of ours really offers, by trying it: protocol versions, the hybrid group, its certificate, HSTS, whether a
 * client certificate is needed. What this Node's OpenSSL cannot say is `not tested`, never `pass`.
 */
import { checkServerIdentity, type DetailedPeerCertificate, type SecureVersion } from 'node:tls';

import { shakeHands, type Shaken, type Target } from './handshake.ts';

export type TlsPolicy = Readonly<{
  /** A certificate must be good for at least this long. */
  daysLeft: number;
  clientCertificate: 'required' | 'not required';
  /** HTTPS for browsers: HSTS is expected. */
  https: boolean;
}>;
export type TlsCheck = Readonly<{
  id: string;
  outcome: 'pass' | 'fail' | 'not tested';
  says: string;
  hint: string;
}>;
export type TlsReport = Readonly<{ host: string; port: number; checks: readonly TlsCheck[] }>;

export const OUR_TLS: TlsPolicy = { daysLeft: 21, clientCertificate: 'not required', https: true };

/** Versions and whether they may be accepted: RFC 8996 forbids 1.0 and 1.1. */
const VERSIONS: readonly Readonly<{ version: SecureVersion; wanted: boolean | null }>[] = [
  { version: 'TLSv1', wanted: false },
  { version: 'TLSv1.1', wanted: false },
  { version: 'TLSv1.2', wanted: null },
  { version: 'TLSv1.3', wanted: true },
];
const HYBRID = 'X25519MLKEM768';
/** 180 days: below that a browser that is away for a while forgets it. */
const HSTS_SECONDS = 180 * 86_400;

/**
 * @param own addresses of this machine: no other is tried
 * @throws for an address that is not in `own`
 */
export async function checkTls(
  target: Target,
  policy: TlsPolicy,
  { own, now }: Readonly<{ own: readonly string[]; now: () => Date }>,
): Promise<TlsReport> {
  // prettier-ignore
  if (!own.includes(target.host)) throw new Error(`${target.host} is no address of this machine: only its own ports are tried`); // prettier-ignore
  const request = `GET / HTTP/1.1\r\nhost: ${target.serverName.replaceAll(/[^A-Za-z0-9.:[\]-]/g, '')}\r\nconnection: close\r\n\r\n`;
  const said = await shakeHands(target, {}, request);
  const { client: _shown, ...bare } = target;
  // the same once more, as somebody without a certificate
  const stranger = target.client === undefined ? said : await shakeHands(bare, {}, request);
  const needsCertificate = isRefusedWithout(stranger);
  const tried = await Promise.all(VERSIONS.map((each) => versionCheck(target, each, needsCertificate && target.client === undefined))); // prettier-ignore
  // a port that finishes no handshake at all has refused nothing
  const speaks = said.kind === 'finished' || tried.some(({ says }) => says.endsWith('is accepted'));
  const versions = speaks ? tried : tried.map(({ id }) => untested(id, 'the port finished no handshake at all'));
  const checks = [
    ...versions,
    speaks ? await hybridCheck(target) : untested('hybrid group', 'the port finished no handshake at all'),
    ...(said.kind === 'finished' ? certificateChecks(said, target, policy, now()) : [untested('certificate', 'no handshake was finished')]), // prettier-ignore
    clientCheck(stranger, needsCertificate, policy),
    ...(policy.https ? [hstsCheck(said)] : []),
  ];
  return { host: target.host, port: target.port, checks };
}

async function versionCheck(
  target: Target,
  { version, wanted }: (typeof VERSIONS)[number],
  noCertificate: boolean,
): Promise<TlsCheck> {
  // prettier-ignore
  const id = `version ${version}`;
  // below 1.2 signatures are SHA-1, which level 1 no longer takes
  const old = version === 'TLSv1' || version === 'TLSv1.1';
  const shaken = await shakeHands(target, { minVersion: version, maxVersion: version, ...(old ? { ciphers: 'DEFAULT@SECLEVEL=0' } : {}) }, null); // prettier-ignore
  if (shaken.kind === 'cannot' || shaken.kind === 'silent') return untested(id, shaken.says);
  // up to 1.2 a missing client certificate ends the handshake with the same alert
  if (shaken.kind === 'alert' && noCertificate && !/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL/.test(shaken.code))
    return untested(id, `${shaken.code}: perhaps only since no client certificate was shown`);
  const accepted = shaken.kind === 'finished';
  return {
    id,
    outcome: wanted === null || wanted === accepted ? 'pass' : 'fail',
    says: `${version} is ${accepted ? 'accepted' : 'refused'}`,
    hint: wanted === true ? 'let the server speak TLS 1.3' : 'set the lowest version to TLS 1.2',
  };
}

async function hybridCheck(target: Target): Promise<TlsCheck> {
  const id = 'hybrid group';
  const shaken = await shakeHands(target, { minVersion: 'TLSv1.3', ecdhCurve: HYBRID }, null);
  if (shaken.kind === 'cannot' || shaken.kind === 'silent') return untested(id, shaken.says);
  const takes = shaken.kind === 'finished' && shaken.group === HYBRID;
  if (shaken.kind === 'finished' && shaken.group === '')
    return untested(id, 'this Node does not say which group was used');
  return {
    id,
    outcome: takes ? 'pass' : 'fail',
    says: takes ? `${HYBRID} is taken` : `${HYBRID} is not taken: what is recorded today can be read once quantum computers are there`, // prettier-ignore
    hint: 'OpenSSL 3.5 offers it by default: leave the groups alone, or name it first',
  };
}

function certificateChecks(
  { certificate, distrust }: Extract<Shaken, { kind: 'finished' }>,
  target: Target,
  policy: TlsPolicy,
  now: Date,
): readonly TlsCheck[] {
  // prettier-ignore
  const until = new Date(certificate.valid_to);
  const from = new Date(certificate.valid_from);
  const days = Math.floor((until.getTime() - now.getTime()) / 86_400_000);
  const wrongName = checkServerIdentity(target.serverName, certificate);
  const early = now < from;
  return [
    check('certificate chain', distrust === null, distrust === null ? 'its chain ends at a trusted authority' : `its chain is not trusted: ${distrust}`, 'send the chain with intermediates; name your own authority where it has one'), // prettier-ignore
    check('certificate time', !early && days >= policy.daysLeft, early ? `it is valid only from ${certificate.valid_from}` : `it is good for ${days} days more`, `renew it when fewer than ${policy.daysLeft} days are left`), // prettier-ignore
    check('certificate name', wrongName === undefined, wrongName === undefined ? `it is for ${target.serverName}` : `it is not for ${target.serverName}`, 'put the name that clients use into subjectAltName'), // prettier-ignore
    keyCheck(certificate),
  ];
}

/** Node gives bits for RSA and EC; an Ed25519 key has neither a modulus nor a curve here. */
function keyCheck({ bits, modulus }: DetailedPeerCertificate): TlsCheck {
  if (bits === undefined) return untested('certificate key', 'this Node does not say how long the key is');
  const isRsa = modulus !== undefined;
  const least = isRsa ? 2048 : 256;
  return check('certificate key', bits >= least, `its ${isRsa ? 'RSA' : 'elliptic'} key has ${bits} bits`, `at least ${least} (NIST SP 800-57)`); // prettier-ignore
}

/** INVARIANT: a finished handshake is not enough: only what comes after it tells (TLS 1.3). */
const isRefusedWithout = (shaken: Shaken): boolean =>
  (shaken.kind === 'alert' && /HANDSHAKE_FAILURE|CERTIFICATE|ECONNRESET/.test(shaken.code)) ||
  (shaken.kind === 'finished' && shaken.answer === '' && shaken.after !== null && shaken.after !== 'closed');

function clientCheck(stranger: Shaken, refused: boolean, policy: TlsPolicy): TlsCheck {
  const id = 'client certificate';
  const answered = stranger.kind === 'finished' && stranger.answer !== '';
  if (!answered && !refused) return untested(id, 'neither data nor an alert came after the handshake');
  return check(id, refused === (policy.clientCertificate === 'required'), refused ? 'without a client certificate there is no answer' : 'without a client certificate there is an answer', policy.clientCertificate === 'required' ? 'STRONGROOM_TLS_CLIENTS=required' : 'this port asks for more than was declared'); // prettier-ignore
}

function hstsCheck(said: Shaken): TlsCheck {
  const id = 'hsts';
  if (said.kind !== 'finished' || !said.answer.startsWith('HTTP/')) return untested(id, 'no HTTP answer came');
  const [, age] = /\r\nstrict-transport-security:[^\r\n]{0,200}?max-age="?(\d{1,12})/i.exec(said.answer) ?? [];
  const good = age !== undefined && Number(age) >= HSTS_SECONDS;
  return check(id, good, age === undefined ? 'no Strict-Transport-Security is sent' : `Strict-Transport-Security is kept for ${age} s`, `send max-age of at least ${HSTS_SECONDS} (RFC 6797)`); // prettier-ignore
}

const check = (id: string, good: boolean, says: string, hint: string): TlsCheck => ({ id, outcome: good ? 'pass' : 'fail', says, hint }); // prettier-ignore
const untested = (id: string, says: string): TlsCheck => ({ id, outcome: 'not tested', says: `not tested: ${says}`, hint: 'try it with another client, such as openssl s_client' }); // prettier-ignore

/** For people, a line each. */
export const tlsReportText = ({ host, port, checks }: TlsReport): string =>
  [`${host} port ${port}`, ...checks.map(({ outcome, says, hint }) => `${{ pass: '✔', fail: '✖', 'not tested': '-' }[outcome]} ${says}${outcome === 'fail' ? `\n  ${hint}` : ''}`)].join('\n'); // prettier-ignore
