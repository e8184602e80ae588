/** Where the server listens, and under which certificate. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { isLoopback, type Config } from '#platform/config';

import { days, fail, ok, warn, type Finding } from './finding.ts';

const SOON_MS = 21 * 86_400_000;

export async function lookAtListening(config: Config, now: Date): Promise<readonly Finding[]> {
  const { host, port, publicUrl, tlsCert, tlsKey } = config;
  const found: Finding[] = [];
  const hasTls = tlsCert !== null && tlsKey !== null;
  if (isLoopback(host)) found.push(ok('listening', `port ${port} of this machine only`));
  else if (hasTls) found.push(ok('listening', `port ${port} of other machines too, by TLS 1.3`));
  else found.push(fail('listening', 'other machines reach it without TLS', 'set STRONGROOM_TLS_CERT and STRONGROOM_TLS_KEY')); // prettier-ignore
  if (config.metrics !== null && !isLoopback(config.metrics.host))
    found.push(warn('metrics', 'other machines can ask for metrics, without TLS or a password', 'let STRONGROOM_METRICS be an address that only your Prometheus reaches')); // prettier-ignore
  if (publicUrl?.startsWith('http:') === true)
    found.push(
      warn(
        'public-address',
        'STRONGROOM_PUBLIC_URL is http: cookies of people are sent in clear',
        'put a proxy that ends TLS in front, and say https',
      ),
    );
  if (publicUrl === null && !isLoopback(host))
    found.push(warn('public-address', 'people cannot use passkeys', 'set STRONGROOM_PUBLIC_URL to the address that they type')); // prettier-ignore
  return hasTls ? [...found, ...(await lookAtCertificate(tlsCert, tlsKey, now))] : found;
}

async function lookAtCertificate(certPath: string, keyPath: string, now: Date): Promise<readonly Finding[]> {
  const certificate = readCertificate(await readFile(certPath, 'utf8'));
  if (certificate === null)
    return [fail('certificate', 'STRONGROOM_TLS_CERT is no PEM certificate', 'put the chain there, the server first')];
  const key = readKey(await readFile(keyPath, 'utf8'));
  if (key === null || !certificate.checkPrivateKey(key))
    return [
      fail('certificate', 'STRONGROOM_TLS_KEY is not its private key', 'put both from one issue in their places'),
    ];
  const left = certificate.validToDate.getTime() - now.getTime();
  if (certificate.validFromDate > now)
    return [fail('certificate', 'it does not hold yet', 'check the clock of this machine, or wait')];
  if (left <= 0) return [fail('certificate', `it ended ${days(left)} ago`, 'renew it, and start the server again')];
  if (left < SOON_MS) return [warn('certificate', `it ends in ${days(left)}`, 'renew it, and start the server again')];
  return [ok('certificate', `it holds for ${days(left)} more`)];
}

function readCertificate(text: string): X509Certificate | null {
  try {
    return new X509Certificate(text);
  } catch {
    return null;
  }
}

function readKey(text: string): ReturnType<typeof createPrivateKey> | null {
  try {
    return createPrivateKey(text);
  } catch {
    return null;
  }
}
