/** The education practice with what it needs of the others, and what access asks it. */
import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';

import type { Audit } from '#platform/audit';
import type { Config } from '#platform/config';
import type { Db } from '#platform/db';
import type { Log } from '#platform/log';
import type { Mail } from '#platform/mail';
import type { Access, Identity, Notices } from '#practices/access';
import { createEducation, type Education } from '#practices/education';
import type { Privacy } from '#practices/privacy';
import { openIdentity, type Foundation, type Vault } from '#practices/vault';

import { exerciseStage } from './exercise-stage.ts';
import { openViolations } from './open-violations.ts';

import { coursesOrigin } from './open-courses.ts';

type Needs = Readonly<{
  db: Db;
  clock: () => Date;
  audit: Audit;
  access: Access;
  identity: Identity;
  notices: Notices;
  mail: Mail;
  log: Log;
  vault: Vault;
  privacy: Privacy;
  pseudonymKey: KeyObject;
  /** Whether there is a finding or a case of this id. */
  isThere: (id: string) => Promise<boolean>;
}>;

export async function openEducation(config: Config, foundation: Foundation, needs: Needs): Promise<Education> {
  const { audit, access, identity, log } = needs;
  const education = createEducation({
    ...needs,
    stage: exerciseStage(needs),
    drillKey: createSecretKey(await openIdentity(foundation, 'education/drills', () => randomBytes(32))),
    actorKey: createSecretKey(await openIdentity(foundation, 'education/actors', () => randomBytes(32))),
    site: config.publicUrl ?? `http://${config.host}:${config.port}`,
    violations: await openViolations(foundation, needs),
    origin: config.publicUrl,
    coursesOrigin: coursesOrigin(config),
    issuer: config.controllerName,
    nameOf: async (person) => (await identity.people.list()).find(({ id }) => id === person)?.name ?? null,
    timeZone: config.businessHours?.timeZone ?? 'UTC',
    askedByRoles: access.askedByRoles,
    arePeople: identity.people.areThere,
    people: async () =>
      (await identity.people.list())
        .filter(({ state }) => state !== 'disabled')
        // what is lent is theirs while it lasts
        .map((each) => ({ ...each, roles: [...each.roles, ...each.lentRoles] })),
    newestEntryAt: async () => {
      const size = await audit.size();
      const [newest] = size === 0 ? [] : await audit.read(size - 1, size);
      return newest === undefined ? null : new Date((JSON.parse(newest.bytes.toString()) as { ts: string }).ts);
    },
    endGrants: (tx, person, role) => access.grants.endIn(tx, person, role, 'training lapsed'),
    onOddTime: ({ own, seen }) =>
      log.error({ own: own.toISOString(), seen: seen.toISOString() }, 'ALARM: what was written down is ahead of the clock of this server: the later time decides whose training has lapsed; set the clocks right and start the server anew: docs/practices/education.md'),
    onBulk: (lapse) => log.error(lapse, 'ALARM: many of a role would lose access at once: their grace was given once more'),
  }); // prettier-ignore
  await education.begin();
  const untaught = [...(await access.askedByRoles())].filter(([, asked]) => asked === 'nothing').map(([role]) => role);
  const seeing = await access.rolesThat('records.read');
  const open = untaught.filter((role) => seeing.includes(role));
  if (open.length > 0)
    log.warn({ roles: open }, 'roles see customers and require no training: docs/adr/0024-training-decides-access.md');
  return education;
}

/** What roles can require: what was published, as of the last request. */
export async function knownTexts(
  education: Education,
): Promise<Record<'courses' | 'policies' | 'drills', Set<string>>> {
  const library = await education.gate.library();
  const ids = (all: readonly Readonly<{ id: string }>[]): Set<string> => new Set(all.map(({ id }) => id));
  const counted = (await education.packages.list()).flatMap(({ version, counts }) => (counts ? [version] : []));
  return {
    courses: ids([...library.all('lesson'), ...counted]),
    policies: ids(library.all('policy')),
    drills: ids(library.all('drill')),
  };
}
