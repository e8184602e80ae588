/** OSCAL plan of action and milestones: each open finding, its risk and its date. Source: NIST OSCAL 1.2, POA&M model */
import { isOpen } from '../types.ts';
import { oneLine, type Exported } from './exported.ts';
import { componentOf, metadataOf, originOf, prop, riskId, riskOf } from './oscal-parts.ts';
import { uuid5 } from './uuid5.ts';

const SCOPE = 'plan of action';

/** What is accepted stands in it too, as what it is: nobody works on it, and its date comes. */
export function oscalPoam(exported: Exported) {
  const { system, findings, now } = exported;
  const standing = findings.filter((finding) => isOpen(finding, now) || finding.state === 'accepted');
  // the model has no plan without an item
  if (standing.length === 0) return null;
  return {
    'plan-of-action-and-milestones': {
      uuid: uuid5(system.id, 'plan of action'),
      metadata: metadataOf('Plan of action and milestones', exported),
      'system-id': { 'identifier-type': 'http://ietf.org/rfc/rfc4122', id: uuid5(system.id, 'system') },
      'local-definitions': {
        components: [...new Set(standing.map(({ source }) => source))].map((source) => componentOf(system, SCOPE, source, '-')), // prettier-ignore
      },
      risks: standing.map((finding) => riskOf(finding, exported, SCOPE)),
      'poam-items': standing.map((finding) => ({
        uuid: uuid5(system.id, 'poam item', finding.fingerprint),
        title: oneLine(finding.title),
        description: oneLine(`${finding.rule} in ${finding.asset} at ${finding.place}`),
        props: [
          prop('finding', finding.id),
          prop('severity', finding.severity),
          prop('first-seen', finding.firstSeenAt.toISOString()),
          prop('due', finding.dueAt.toISOString()),
          ...(finding.acceptedUntil === undefined ? [] : [prop('accepted-until', finding.acceptedUntil.toISOString())]),
        ],
        origins: [originOf(system, SCOPE, finding.source)],
        'related-risks': [{ 'risk-uuid': riskId(system, finding) }],
      })),
    },
  };
}
