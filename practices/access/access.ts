/** Who asks, what they may, and the keys of services. */
import type { Audit } from '#platform/audit';
import { gather, transact, type Db } from '#platform/db';
import { publicId, parsePublicId, type Uuid } from '#platform/ids';
import { inNetworks, isNetwork } from '#platform/networks';
import type { Catalog } from '#practices/collection';

import type { Action } from './actions.ts';
import { withinCanaries, type IsCanary } from './canary-keys.ts';
import { decideWith, deny, type Actor, type Decide } from './decide.ts';
import type { EngineOptions } from './engine.ts';
import { accessFailure } from './failures.ts';
import { createGlass, type Glass, type OnGlass } from './grants/break-glass.ts';
import { createGrants, type Grants } from './grants/grants.ts';
import { refuseSeparated } from './grants/makers.ts';
import { notTogether } from './grants/separation.ts';
import { grantSteps } from './grants/steps.ts';
import type { PolicyDocument } from './policy-document.ts';
import {
  keyActor,
  keyView,
  NO_SCOPE,
  type CanaryKey,
  type KeyView,
  type LogKey,
  type MadeKey,
  type NewKey,
} from './key-actor.ts';
import { hashOf, KEY_SHAPE } from './key-secret.ts';
import { canaryKeys, newKeys } from './new-keys.ts';
import { createPolicyShelf, versionText } from './policy-shelf.ts';
import type { Reach } from './surroundings.ts';
import { isSystemRole } from './system-roles.ts';
import { createPolicyVersions, type PolicyVersions, type VersionNeeds } from './policy-versions.ts';
import { activeVersion } from './store/policies.ts';
import type { Asked } from './training.ts';
import { createUses } from './uses.ts';
import { createVolume, VOLUME_LIMITS, type Volume, type VolumeLimits } from './volume.ts';
import {
  countStaff,
  endKeyAt,
  findKeys,
  holdKey,
  listKeys,
  livingKeys,
  lockKeys,
  revokeKey,
  type FoundKey,
} from './store/keys.ts';

export type Access = {
  /**
   * @param bearer the text after `Bearer `
   * @param address of who asks; without one a key that is tied to networks does not open
   * @param certificate thumbprint of what the connection showed; without one a key that is bound does not open
   * @throws ACCESS_UNAUTHENTICATED, ACCESS_KEY_ELSEWHERE, ACCESS_CERTIFICATE_NEEDED
   */
  authenticate: (bearer: string | undefined, address?: string, certificate?: string | null) => Promise<Actor>;
  /** The same actor as it is now, by the policies that hold now. @throws ACCESS_UNAUTHENTICATED */
  renew: (actor: Actor) => Promise<Actor>;
  /** By the policies that held when the actor was looked up. */
  decide: Decide;
  /** Makes the policies of a version ready to decide. @returns its public id */
  loadPolicies: (version: Uuid) => Promise<string>;
  policies: PolicyVersions;
  rolesThat: (action: Action) => Promise<readonly string[]>;
  grants: Grants;
  glass: Glass;
  volume: Volume;
  /** What the actor's role asks of the people in it, by its policies; and each role, by those that hold now. */
  askedOf: (actor: Actor) => Asked;
  askedByRoles: () => Promise<ReadonlyMap<string, Asked>>;
  /** A role as somebody who asks, under the policies that hold for `by`; null when there is none of that name. */
  actorInRole: (by: Actor, role: string) => Actor | null;
  /** A part of this system, in a role, under the policies that hold now; null when there is no role of that name. */
  systemActor: (id: string, role: string) => Promise<Actor | null>;
  /** Those that somebody can be given. */
  roles: (by: Actor) => readonly string[];
  /** Whether any policy could permit it to the actor's role; without one the answer is no, whatever the facts. */
  isPossible: (actor: Actor, action: Action) => boolean;
  /** Roles that may do something at all, under the policies that hold for `by`. */
  rolesWith: (by: Actor, action: Action) => readonly string[];
  /** Separation of duties: why one person does not have these roles together, or null. */
  notTogether: (by: Actor, roles: readonly string[]) => string | null;
  /** Living keys as those who ask; one of them, or all. */
  actorsOfKeys: (by: Actor, id: string | null) => Promise<readonly Actor[]>;
  /** @throws ACCESS_ROLE_UNKNOWN, ACCESS_SCOPE_INVALID, ACCESS_SEPARATED */
  createKey: (by: Actor, wanted: NewKey, log: LogKey) => Promise<MadeKey>;
  /** For a run of the assurance practice: in any role that there is, on canaries alone. @param minutes below 0: one that has ended */
  createCanaryKey: (wanted: CanaryKey, log: LogKey) => Promise<MadeKey>;
  listKeys: () => Promise<KeyView[]>;
  revokeKey: (id: string, log: LogKey) => Promise<void>;
  /** A new key in place of one, which goes on for a while so that nothing has to stop. @throws ACCESS_KEY_NOT_FOUND, ACCESS_SEPARATED */
  rotateKey: (by: Actor, id: string, overlapHours: number, log: LogKey) => Promise<MadeKey>;
  /** A person did something in their role that is not in the log's entries of reads. */
  acts: (actor: Actor) => void;
  /** Writes down which keys and roles were used since the last call. */
  noteUses: () => Promise<void>;
  /**
   * Makes the first administrator's key when there is no staff yet. It is valid only after `keep` has put it where it
   * can be found. @returns false when there is staff
   */
  firstAdministrator: (keep: (key: string) => Promise<void>) => Promise<boolean>;
};

export type AccessNeeds = {
  db: Db;
  clock: () => Date;
  catalog: () => Catalog;
  audit: Pick<Audit, 'appendIn'>;
  /** A policy could not be evaluated: it denied, and somebody must look. */
  onAlarm: NonNullable<EngineOptions['onAlarm']>;
  /** What the settings supply. */
  reach?: Reach;
  /** From when on somebody opens many. */
  volume?: VolumeLimits;
  /** Glass was broken: somebody must know while it happens. */
  onGlass?: OnGlass;
  /** Who was made up for tests of the system; nobody, where it is not said. */
  isCanary?: IsCanary;
} & Pick<VersionNeeds, 'logFirst' | 'texts'>;

/** Opens it on a migrated database; an installation without policies gets those of the program. */
export async function openAccess(needs: AccessNeeds): Promise<Access> {
  const {
    db,
    clock,
    catalog,
    audit,
    onAlarm,
    logFirst,
    reach = {},
    texts,
    onGlass = () => undefined,
    isCanary = () => false,
    volume: limits = VOLUME_LIMITS,
  } = needs;
  const shelf = createPolicyShelf(db, { onAlarm });
  const policies = createPolicyVersions({ db, clock, catalog, shelf, reach, logFirst, texts });
  await policies.begin();
  const decide: Decide = (ask) => {
    const { policyVersion = 'none' } = ask.actor;
    const engine = shelf.get(policyVersion);
    // who was looked up so long ago that its policies are gone from memory has to be looked up again
    if (engine === undefined)
      return deny(policyVersion, ['policy-version'], 'the policies that held are gone: ask again');
    return withinCanaries(decideWith(engine, policyVersion, ask), ask, isCanary);
  };
  const documentOf = ({ policyVersion }: Actor): PolicyDocument => {
    const engine = shelf.get(policyVersion ?? '');
    if (engine === undefined) throw accessFailure('DENIED', { detail: 'the policies that held are gone: ask again' });
    return engine.document;
  };
  const rolesFor = ({ policyVersion }: Actor): readonly string[] =>
    Object.keys(shelf.get(policyVersion ?? '')?.document.roles ?? {}).filter((role) => !isSystemRole(role));
  const apart = ({ policyVersion }: Actor, roles: readonly string[]): string | null => {
    const engine = shelf.get(policyVersion ?? '');
    return engine === undefined ? 'the policies that held are gone: ask again' : notTogether(engine, roles);
  };
  const activeEngine = async () => {
    const version = await activeVersion(db);
    return version === null ? undefined : await shelf.load(version);
  };
  const steps = grantSteps({ db, clock, catalog, audit, decide, documentOf });
  const uses = createUses(db);
  // revocation holds at the very next read: nothing is kept between statements
  const lookUp = gather<Buffer, FoundKey | undefined>(async (hashes) => {
    const rows = new Map((await findKeys(db, hashes, clock())).map((row) => [row.hash.toString('latin1'), row]));
    return hashes.map((hash) => rows.get(hash.toString('latin1')));
  });

  const insert = newKeys(clock);

  return {
    decide,
    policies,
    loadPolicies: async (version) => {
      await shelf.load(version);
      return versionText(version);
    },
    rolesThat: async (action) => {
      const engine = await activeEngine();
      return Object.keys(engine?.document.roles ?? {}).filter((role) => engine?.canPermit(role, action));
    },
    askedOf: ({ role, policyVersion = '' }) => shelf.get(policyVersion)?.askedOf(role) ?? 'programs',
    askedByRoles: async () => (await activeEngine())?.askedByRoles ?? new Map<string, Asked>(),
    grants: createGrants(steps),
    glass: createGlass(steps, onGlass),
    volume: createVolume({ db, limits, engineOf: ({ policyVersion = '' }) => shelf.get(policyVersion) }),
    authenticate: async (bearer, address = '', certificate = null) => {
      if (bearer === undefined || !KEY_SHAPE.test(bearer)) throw accessFailure('UNAUTHENTICATED');
      const row = await lookUp(hashOf(bearer));
      if (row === undefined) throw accessFailure('UNAUTHENTICATED');
      if (row.networks.length > 0 && !inNetworks(row.networks, address))
        throw accessFailure('KEY_ELSEWHERE', { extra: { key: publicId('key', row.key_id) } });
      if (row.certificate !== null && row.certificate.toString('base64url') !== certificate)
        throw accessFailure('CERTIFICATE_NEEDED', { extra: { key: publicId('key', row.key_id) } });
      uses.key(row.key_id);
      await shelf.load(row.policy_version);
      return keyActor(row);
    },
    renew: async (actor) => {
      const keyId = parsePublicId('key', actor.id);
      const [row] = keyId === null ? [] : await livingKeys(db, keyId, clock());
      if (row === undefined) throw accessFailure('UNAUTHENTICATED');
      await shelf.load(row.policy_version);
      return keyActor(row);
    },
    roles: rolesFor,
    isPossible: ({ role, policyVersion = '' }, action) => shelf.get(policyVersion)?.canPermit(role, action) ?? false,
    rolesWith: ({ policyVersion }, action) => {
      const engine = shelf.get(policyVersion ?? '');
      return Object.keys(engine?.document.roles ?? {}).filter((role) => engine?.canPermit(role, action));
    },
    notTogether: apart,
    actorInRole: ({ policyVersion }, role) =>
      shelf.get(policyVersion ?? '')?.hasRole(role) === true
        ? { kind: 'service', id: role, name: role, role, scope: NO_SCOPE, expiresAt: null, policyVersion }
        : null,
    systemActor: async (id, role) => {
      const version = await activeVersion(db);
      if (version === null) return null;
      const engine = await shelf.load(version);
      const policyVersion = versionText(version);
      return engine.hasRole(role)
        ? { kind: 'system', id, name: id, role, scope: NO_SCOPE, expiresAt: null, policyVersion }
        : null;
    },
    actorsOfKeys: async ({ policyVersion }, id) => {
      const keyId = id === null ? null : parsePublicId('key', id);
      if (id !== null && keyId === null) return [];
      return (await livingKeys(db, keyId, clock())).map((row) => ({ ...keyActor(row), policyVersion }));
    },
    createKey: async (by, wanted, log) => {
      if (!rolesFor(by).includes(wanted.role)) throw accessFailure('ROLE_UNKNOWN');
      if (wanted.purposes?.every((purpose) => catalog().purposes.has(purpose)) === false)
        throw accessFailure('SCOPE_INVALID', { detail: 'one of the purposes is not in the catalogue' });
      if (wanted.collections?.every((collection) => catalog().collections.has(collection)) === false)
        throw accessFailure('SCOPE_INVALID', { detail: 'one of the collections is not in the catalogue' });
      if (wanted.networks?.every(isNetwork) === false)
        throw accessFailure('SCOPE_INVALID', {
          detail: 'one of the networks is none',
          hint: 'write it as 192.0.2.0/24 or 2001:db8::/32',
        });
      return transact(db, async (tx) => {
        await refuseSeparated(tx, by, wanted.role, apart);
        const kind = wanted.role === 'admin' ? 'staff' : 'service';
        const made = (await insert(tx, by, kind, { expiresInDays: 90, ...wanted })) as MadeKey;
        await log(tx, made.id);
        return made;
      });
    },
    createCanaryKey: canaryKeys(db, insert),
    listKeys: async () => (await listKeys(db)).map(keyView),
    revokeKey: async (id, log) => {
      const keyId = parsePublicId('key', id);
      if (keyId === null) throw accessFailure('KEY_NOT_FOUND');
      await transact(db, async (tx) => {
        if (!(await revokeKey(tx, keyId, clock()))) throw accessFailure('KEY_NOT_FOUND');
        await log(tx, id);
      });
    },
    rotateKey: async (by, id, overlapHours, log) =>
      transact(db, async (tx) => {
        const keyId = parsePublicId('key', id);
        const old = keyId === null ? null : await holdKey(tx, keyId, clock());
        if (old === null) throw accessFailure('KEY_NOT_FOUND');
        // whoever rotates a key has seen the new one
        await refuseSeparated(tx, by, old.role, apart);
        // the first key's name is its own: there is one of it
        const name = old.name === 'administrator' ? 'administrator, rotated' : old.name;
        const { certificate, ...rest } = old;
        const bound = certificate === null ? {} : { certificate: certificate.toString('base64url') };
        const made = (await insert(tx, by, old.kind, {
          ...rest,
          canariesOnly: old.canaries_only,
          ...bound,
          name,
          expiresInDays: 90,
        })) as MadeKey;
        await endKeyAt(tx, old.key_id, new Date(clock().getTime() + overlapHours * 3_600_000));
        await log(tx, made.id);
        return made;
      }),
    acts: uses.acts,
    noteUses: uses.note,
    firstAdministrator: async (keep) => {
      if ((await countStaff(db)) > 0) return false;
      return transact(db, async (tx) => {
        // servers that start at once: one of them makes the key, the others see it
        await lockKeys(tx);
        if ((await countStaff(tx)) > 0) return false;
        const made = (await insert(tx, { id: 'system' }, 'staff', { name: 'administrator', role: 'admin' })) as MadeKey;
        await keep(made.key);
        return true;
      });
    },
  };
}
