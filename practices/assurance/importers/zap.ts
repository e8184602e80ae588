/** ZAP's traditional reports, JSON and XML: sites, their alerts, and where each was seen. */
import type { Severity } from '../types.ts';
import { importFailure } from './failures.ts';
import type { Format } from './format.ts';
import { imported, type Imported, type Tool } from './imported.ts';
import { jsonOf } from './read-bytes.ts';
import { below, childOf, childText, xmlOf } from './read-xml.ts';
import { firstWord, isMembers, listOf, membersOf, wordOf, type Members } from '../shape.ts';
import { placeAt, webPlaceOf } from './web-place.ts';

const RISKS: readonly Severity[] = ['info', 'low', 'medium', 'high'];

export const zap: Format = {
  says: 'ZAP, traditional JSON',
  isIt: ({ json }) => Array.isArray(membersOf(json).site) && /ZAP/.test(wordOf(membersOf(json)['@programName']) ?? 'ZAP'), // prettier-ignore
  read: (text) => {
    const report = membersOf(jsonOf(text));
    if (!Array.isArray(report.site)) throw importFailure('IMPORT_MALFORMED', { detail: 'there is no list of sites in it' }); // prettier-ignore
    const tool = { name: 'ZAP', version: wordOf(report['@version']) ?? '' };
    return report.site.map(membersOf).flatMap((site) =>
      listOf(site.alerts)
        .filter(isMembers)
        .flatMap((alert) =>
          readAlert(alert, listOf(alert.instances).map(membersOf), wordOf(site['@name']) ?? '', tool),
        ),
    );
  },
};

export const zapXml: Format = {
  says: 'ZAP, traditional XML',
  isIt: ({ root }) => root === 'OWASPZAPReport',
  read: (text) => {
    const report = xmlOf(text);
    if (report.name !== 'OWASPZAPReport')
      throw importFailure('IMPORT_MALFORMED', { detail: 'it is no OWASPZAPReport' });
    const tool = { name: 'ZAP', version: report.attributes.version ?? '' };
    return [...below(report, 'site')].flatMap((site) =>
      [...below(site, 'alertitem')].flatMap((item) => {
        const words = Object.fromEntries(item.children.map(({ name, text: said }) => [name, said.trim()]));
        const instances = childOf(item, 'instances')?.children ?? [];
        return readAlert(
          words,
          instances.map((each) => ({
            uri: childText(each, 'uri'),
            method: childText(each, 'method'),
            param: childText(each, 'param'),
          })),
          site.attributes.name ?? '',
          tool,
        );
      }),
    );
  },
};

function readAlert(alert: Members, instances: readonly Members[], site: string, tool: Tool): readonly Imported[] {
  // a confidence of 0 is a false positive, said by who ran it
  if (wordOf(alert.confidence) === '0') return [];
  const id = firstWord(alert.alertRef, alert.pluginid) ?? 'unknown';
  const places = instances.length === 0 ? [{ uri: site }] : instances;
  return places.flatMap((instance: Members) => {
    const place = webPlaceOf(wordOf(instance.uri) ?? site);
    if (place === null) return [];
    return [
      imported({
        rule: `zap:${id}`,
        title: firstWord(alert.name, alert.alert) ?? id,
        severity: RISKS[Number(wordOf(alert.riskcode) ?? 0)] ?? 'info',
        asset: place.asset,
        place: placeAt(wordOf(instance.method), place.path),
        parameter: wordOf(instance.param),
        tool,
        description: wordOf(alert.desc) ?? '',
        references: (wordOf(alert.reference) ?? '').split(/<[^>]{1,50}>|\s+/),
        raw: { alert: id, instance },
      }),
    ];
  });
}
