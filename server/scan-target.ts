/** Where this very server is, for whoever attacks or scans it from this machine: never another host. */
import { request as plain } from 'node:http';
import { request as secure } from 'node:https';

import type { Config } from '#platform/config';
import type { HttpServer } from '#platform/http';
import type { Target } from '#practices/assurance';

/** Over loopback where it listens everywhere, whatever name others know this server by. */
export function ownAddress({ tlsCert }: Config, http: HttpServer): string {
  const at = http.addresses().find((each) => typeof each === 'object');
  if (at === undefined || typeof at === 'string') throw new Error('the server does not listen');
  const near = at.address === '::' || at.address === '0.0.0.0' ? '127.0.0.1' : at.address;
  return `${tlsCert === null ? 'http' : 'https'}://${near.includes(':') ? `[${near}]` : near}:${at.port}`;
}

/** Answered with 200 to anybody. */
const KNOWN = '/healthz';
const TIMEOUT_MS = 10_000;

export function scanTarget(config: Config, http: HttpServer): Target {
  const url = ownAddress(config, http);
  const { hostname, port, protocol } = new URL(url);
  return { url, host: hostname.replaceAll(/[[\]]/g, ''), port, isTls: protocol === 'https:', known: KNOWN };
}

/** It answers there, with what only it says. Whose certificate that is matters to the scanners, and not to this. */
export const isThere = ({ url, isTls, known }: Target): Promise<boolean> =>
  new Promise((resolve) => {
    const asked = (isTls ? secure : plain)(`${url}${known}`, { agent: false, timeout: TIMEOUT_MS, ...(isTls ? { rejectUnauthorized: false } : {}) }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
    asked.end();
  }); // prettier-ignore
