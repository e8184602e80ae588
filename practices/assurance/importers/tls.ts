/** What looks at TLS: testssl.sh (flat and pretty JSON), sslscan (XML). */
import type { Severity } from '../types.ts';
import { importFailure } from './failures.ts';
import type { Format } from './format.ts';
import { imported, severityOf, type Imported } from './imported.ts';
import { jsonOf } from './read-bytes.ts';
import { below, childText, xmlOf, type Element } from './read-xml.ts';
import { firstWord, isMembers, listOf, membersOf, wordOf, type Members } from '../shape.ts';

/** What testssl says of what it found to be fine, or only tells. */
const FINE = new Set(['OK', 'INFO', 'DEBUG', '']);

export const testssl: Format = {
  says: 'testssl.sh, JSON',
  isIt: ({ json }) => Array.isArray(membersOf(json).scanResult) || isFlat(listOf(json)[0]),
  read: (text) => {
    const json = jsonOf(text);
    const pretty = membersOf(json);
    const tool = { name: 'testssl.sh', version: (wordOf(pretty.version) ?? '').split(' ')[0] ?? '' };
    const items = Array.isArray(json)
      ? json.filter(isMembers).map((item) => ({ item, host: hostOf(wordOf(item.ip)) }))
      : listOf(pretty.scanResult).flatMap((target) => {
          const host = hostOf(firstWord(membersOf(target).targetHost, membersOf(target).ip));
          return Object.values(membersOf(target)).flatMap(listOf).filter(isMembers).map((item) => ({ item, host })); // prettier-ignore
        });
    const fatal = items.find(({ item }) => wordOf(item.severity) === 'FATAL');
    if (fatal !== undefined || items.length === 0)
      throw importFailure('IMPORT_INCOMPLETE', {
        detail: `testssl.sh did not finish: ${wordOf(fatal?.item.id) ?? 'it looked at nothing'}`,
      });
    return items.flatMap(({ item, host }) => readItem(item, host, tool));
  },
};

const isFlat = (item: unknown): boolean => {
  const { id, finding, severity, ip } = membersOf(item);
  return [id, finding, severity, ip].every((each) => typeof each === 'string');
};

/** `name/192.0.2.1`: the name where there is one. */
const hostOf = (ip = ''): string => (ip.split('/')[0] ?? '').toLowerCase();

function readItem(item: Members, host: string, tool: { name: string; version: string }): readonly Imported[] {
  const said = wordOf(item.severity) ?? '';
  const id = wordOf(item.id) ?? '';
  if (FINE.has(said) || id === '' || id === 'scanTime' || host === '') return [];
  const cves = (wordOf(item.cve) ?? '').split(' ').filter((each) => /^CVE-\d{4}-\d{4,}$/.test(each));
  return [
    imported({
      rule: `testssl:${id}`,
      title: cves.length === 0 ? id : `${id} (${cves.join(', ')})`,
      severity: said === 'WARN' ? 'info' : (severityOf(said) ?? 'info'),
      asset: host,
      place: 'TLS',
      tool,
      description: wordOf(item.finding) ?? '',
      raw: item,
    }),
  ];
}

type Fault = Readonly<{ id: string; title: string; severity: Severity; parameter?: string }>;
const OLD: Readonly<Record<string, Severity>> = { 'ssl 2': 'critical', 'ssl 3': 'high', 'tls 1.0': 'medium', 'tls 1.1': 'medium' }; // prettier-ignore
const STRENGTHS: Readonly<Record<string, Severity>> = { null: 'critical', anonymous: 'critical', weak: 'high', medium: 'medium' }; // prettier-ignore

export const sslscan: Format = {
  says: 'sslscan, XML',
  isIt: ({ root, start }) => root === 'document' && /SSLScan/i.test(start),
  read: (text) => {
    const document = xmlOf(text);
    const tool = { name: 'sslscan', version: document.attributes.version ?? '' };
    const tests = [...below(document, 'ssltest')];
    const unheard = tests.length === 0 || [...below(document, 'error')].length > 0;
    if (unheard) throw importFailure('IMPORT_INCOMPLETE', { detail: 'sslscan reached no TLS server' });
    return tests.flatMap((test) =>
      faultsOf(test).map(({ id, title, severity, parameter }) =>
        imported({
          rule: `sslscan:${id}`,
          title,
          severity,
          asset: (test.attributes.sniname || test.attributes.host || '').toLowerCase(),
          place: 'TLS',
          parameter,
          tool,
          description: title,
          raw: { id, title },
        }),
      ),
    );
  },
};

function faultsOf(test: Element): readonly Fault[] {
  const some = (name: string): readonly Readonly<Record<string, string>>[] =>
    [...below(test, name)].map(({ attributes }) => attributes);
  return [
    ...some('protocol').flatMap(({ type = '', version = '', enabled }) => {
      const severity = OLD[`${type} ${version}`.toLowerCase()];
      const name = `${type.toUpperCase()} ${version}`;
      return enabled === '1' && severity !== undefined ? [{ id: 'old-protocol', title: `${name} is spoken`, severity, parameter: name }] : []; // prettier-ignore
    }),
    ...some('heartbleed').flatMap(
      ({ vulnerable, sslversion = '' }) =>
      vulnerable === '1' ? [{ id: 'heartbleed', title: 'Heartbleed (CVE-2014-0160)', severity: 'critical' as const, parameter: sslversion }] : [], // prettier-ignore
    ),
    ...some('renegotiation').flatMap(
      ({ supported, secure }) =>
      supported === '1' && secure === '0' ? [{ id: 'renegotiation', title: 'Renegotiation is not secure', severity: 'medium' as const }] : [], // prettier-ignore
    ),
    ...some('compression').flatMap(
      ({ supported }) =>
      supported === '1' ? [{ id: 'compression', title: 'TLS compression is on (CRIME)', severity: 'medium' as const }] : [], // prettier-ignore
    ),
    ...some('cipher').flatMap(({ strength = '', cipher = '', sslversion = '' }) => {
      const severity = STRENGTHS[strength.toLowerCase()];
      return severity === undefined ? [] : [{ id: 'cipher', title: `${cipher} is accepted`, severity, parameter: `${sslversion} ${cipher}` }]; // prettier-ignore
    }),
    ...[...below(test, 'certificate')].flatMap(certificateFaults),
  ];
}

function certificateFaults(certificate: Element): readonly Fault[] {
  const isTrue = (name: string): boolean => childText(certificate, name) === 'true';
  const signature = childText(certificate, 'signature-algorithm');
  return [
    ...(isTrue('self-signed') ? [{ id: 'self-signed', title: 'The certificate is signed by itself', severity: 'medium' as const }] : []), // prettier-ignore
    ...(isTrue('expired') ? [{ id: 'expired', title: 'The certificate is not valid by its dates', severity: 'high' as const }] : []), // prettier-ignore
    ...(/md5|sha1/i.test(signature) ? [{ id: 'signature', title: `The certificate is signed with ${signature}`, severity: 'high' as const }] : []), // prettier-ignore
  ];
}
