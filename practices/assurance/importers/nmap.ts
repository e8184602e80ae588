/** nmap's XML (`-oX`): open ports, and what its scripts found. The port is the place itself here, and stays in it. */
import type { Severity } from '../types.ts';
import { importFailure } from './failures.ts';
import type { Format } from './format.ts';
import { imported, type Imported, type Tool } from './imported.ts';
import { below, childOf, xmlOf, type Element } from './read-xml.ts';

/** What a script of the category `vuln` says, in its table or in its words. */
const VULNERABLE = /^(?:LIKELY )?VULNERABLE/;

export const nmap: Format = {
  says: 'nmap, XML',
  isIt: ({ root }) => root === 'nmaprun',
  read: (text) => {
    const run = xmlOf(text);
    if (run.name !== 'nmaprun') throw importFailure('IMPORT_MALFORMED', { detail: 'it is no nmaprun' });
    const [finished] = below(run, 'finished');
    if (finished === undefined || (finished.attributes.exit ?? 'success') !== 'success')
      throw importFailure('IMPORT_INCOMPLETE', { detail: 'nmap did not finish its run' });
    const tool = { name: 'nmap', version: run.attributes.version ?? '' };
    return [...below(run, 'host')].flatMap((host) => {
      const asset = assetOf(host);
      const ports = [...below(host, 'port')].flatMap((port) => portFindings(port, asset, tool));
      const scripts = childOf(host, 'hostscript')?.children ?? [];
      return [...ports, ...scripts.flatMap((script) => scriptFindings(script, asset, 'host', tool))];
    });
  },
};

/** The name that was asked for; else the first that the host has; else its address. */
function assetOf(host: Element): string {
  const names = [...below(host, 'hostname')];
  const name = names.find(({ attributes }) => attributes.type === 'user') ?? names[0];
  return (name?.attributes.name ?? childOf(host, 'address')?.attributes.addr ?? 'unknown').toLowerCase();
}

function portFindings(port: Element, asset: string, tool: Tool): readonly Imported[] {
  if (childOf(port, 'state')?.attributes.state !== 'open') return [];
  const place = `${port.attributes.protocol ?? 'tcp'}/${port.attributes.portid ?? '?'}`;
  const service = childOf(port, 'service')?.attributes ?? {};
  const what = [service.name, service.product].filter((word) => word !== undefined && word !== '').join(', ');
  return [
    imported({
      rule: 'nmap:open-port',
      title: `${place} is open${what === '' ? '' : ` (${what})`}`,
      severity: 'info',
      asset,
      place,
      tool,
      raw: { place, service },
    }),
    ...port.children.filter(({ name }) => name === 'script').flatMap((script) => scriptFindings(script, asset, place, tool)), // prettier-ignore
  ];
}

function scriptFindings(script: Element, asset: string, place: string, tool: Tool): readonly Imported[] {
  const { id = 'unknown', output = '' } = script.attributes;
  const stated = [...below(script, 'elem')].find(({ attributes }) => attributes.key === 'state')?.text ?? '';
  const isVulnerable = VULNERABLE.test(stated) || /^\s*(?:LIKELY )?VULNERABLE\b/m.test(output);
  if (!isVulnerable) return [];
  const factor = /Risk factor: (High|Medium|Low)/i.exec(output)?.[1]?.toLowerCase();
  const severity: Severity = factor === 'medium' || factor === 'low' ? factor : 'high';
  const cves = [...new Set(output.match(/CVE-\d{4}-\d{4,7}/g) ?? [])];
  const title = [...below(script, 'elem')].find(({ attributes }) => attributes.key === 'title')?.text;
  return [
    imported({
      rule: `nmap:${id}`,
      title: title ?? (cves.length === 0 ? id : `${id} (${cves.slice(0, 3).join(', ')})`),
      severity,
      asset,
      place,
      tool,
      description: title ?? id,
      references: output.match(/https?:\/\/\S{1,300}/g) ?? [],
      raw: { id, output },
    }),
  ];
}
