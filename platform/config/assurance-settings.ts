/** Settings of control tests, of scanners, and of where weaknesses are reported to. */
import { accept, reject, type Parsed } from './parsed.ts';
import { oneOf, setting, text, whole } from './setting.ts';

/** `nmap=/opt/nmap/bin/nmap sslscan=/usr/bin/sslscan` */
function programs(raw: string): Parsed<ReadonlyMap<string, string>> {
  const pairs = raw.trim().split(/\s+/).map((each) => /^([a-z]{2,20})=(\/\S+)$/.exec(each));
  return pairs.every((each) => each !== null)
    ? accept(new Map(pairs.map((each) => [each[1] as string, each[2] as string])))
    : reject('a scanner and its path, such as nmap=/opt/nmap/bin/nmap, with spaces between several');
} // prettier-ignore

/** RFC 9116 §2.5.3: a URI each; a web address is secure. */
function contacts(raw: string): Parsed<readonly string[]> {
  const found = raw.trim().split(/\s+/);
  return found.every((each) => /^(?:mailto:[^\s@]+@[^\s@]+|https:\/\/\S+|tel:\+?[0-9-]+)$/.test(each) && URL.canParse(each))
    ? accept(found)
    : reject('mailto:, https: or tel: addresses, with spaces between several');
} // prettier-ignore

function secureAddress(raw: string): Parsed<string> {
  const found = raw.trim();
  return found.startsWith('https://') && !/\s/.test(found) && URL.canParse(found) ? accept(found) : reject('an address that begins with https://');
} // prettier-ignore

/** sun_path of unix(7) has 108 bytes, with a zero at the end. */
function socketPath(raw: string): Parsed<string> {
  const found = raw.trim();
  return found.startsWith('/') && Buffer.byteLength(found) < 108 ? accept(found) : reject('the absolute path of a socket, of fewer than 108 bytes');
} // prettier-ignore

function day(raw: string): Parsed<Date> {
  const found = raw.trim();
  const at = new Date(`${found}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(found) && !Number.isNaN(at.getTime()) && at.toISOString().startsWith(found) ? accept(at) : reject('a day, such as 2027-06-30');
} // prettier-ignore

export const ASSURANCE_SETTINGS = {
  assuranceHours: setting(
    'STRONGROOM_ASSURANCE_HOURS',
    'hours between two runs of all control tests; 0: none by itself',
    whole(0, 720),
    () => 24,
  ),
  assuranceRunner: setting<string | null>(
    'STRONGROOM_ASSURANCE_RUNNER',
    'path of a Unix socket behind which another account starts the runner of control tests; without it the server starts one as itself',
    socketPath,
    () => null,
  ),
  assuranceArmed: setting(
    'STRONGROOM_ASSURANCE_ARMED',
    'by-two: two people arm attacks and chaos for a time; always: nobody works with this system, and they may run',
    oneOf('by-two', 'always'),
    () => 'by-two' as const,
  ),
  assuranceCollection: setting<string | null>(
    'STRONGROOM_ASSURANCE_COLLECTION',
    'collection of the persons who are made up for control tests; without it the one with most fields',
    text,
    () => null,
  ),
  assuranceScanDays: setting(
    'STRONGROOM_ASSURANCE_SCAN_DAYS',
    'days between two scans of this system by each scanner that is installed here; 0: none by itself',
    whole(0, 365),
    () => 7,
  ),
  assuranceScanners: setting<ReadonlyMap<string, string>>(
    'STRONGROOM_ASSURANCE_SCANNERS',
    'where scanners are that are not where Debian puts them, as nmap=/opt/nmap/bin/nmap',
    programs,
    () => new Map(),
  ),
  securityContacts: setting<readonly string[] | null>(
    'STRONGROOM_SECURITY_CONTACT',
    'where weaknesses are reported to, such as mailto:security@example.org: served as /.well-known/security.txt (RFC 9116)',
    contacts,
    () => null,
  ),
  securityExpires: setting<Date | null>(
    'STRONGROOM_SECURITY_EXPIRES',
    'the day on which security.txt is over and has to be looked at again, such as 2027-06-30; needed for it to be served',
    day,
    () => null,
  ),
  securityPolicy: setting<string | null>(
    'STRONGROOM_SECURITY_POLICY',
    'page that says how weaknesses are to be reported',
    secureAddress,
    () => null,
  ),
} as const;
