/**
 * Programs that bring a short-lived token of an issuer they are known by: a Kubernetes service account, a CI job, SPIFFE.
 *
 * Who it is stands in the token, whether that is true is checked with the issuer's keys: signature under an allowed
 * algorithm, issuer, audience, not before, expiry. Nothing that the token says chooses a key from elsewhere.
 * Source: RFC 7519 §7.2; RFC 8725 (§3.1 algorithms, §3.8 issuer, §3.9 audience); RFC 7517
 */
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  customFetch,
  decodeJwt,
  jwtVerify,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from 'jose';

import { transact, type Db } from '#platform/db';
import { parsePublicId, publicId, uuidv7, type Uuid } from '#platform/ids';
import type { DataClass } from '#practices/collection';

import type { Actor, Scope } from '../decide.ts';
import { accessFailure } from '../failures.ts';
import { refuseSeparated } from '../grants/makers.ts';
import {
  findWorkload,
  insertWorkload,
  listWorkloads,
  livingWorkload,
  revokeWorkload,
  type FoundWorkload,
  type WorkloadRow,
} from '../store/workloads.ts';
import type { LogPerson } from './people.ts';

export type NewWorkload = Readonly<{
  name: string;
  issuer: string;
  subject: string;
  audience: string;
  jwks?: JSONWebKeySet;
  jwksUrl?: string;
  role: string;
  purposes?: readonly string[];
  classes?: readonly DataClass[];
  collections?: readonly string[];
}>;
export type WorkloadView = Readonly<{
  id: string;
  name: string;
  issuer: string;
  subject: string;
  audience: string;
  jwksUrl: string | null;
  role: string;
  scope: Scope;
  createdAt: string;
  revokedAt: string | null;
}>;
export type Workloads = Readonly<{
  /** Whether a bearer is a token at all, and no key. */
  isToken: (bearer: string) => boolean;
  /**
   * @param certificate thumbprint of what the connection showed: a token that is bound to one (RFC 8705) opens with it only
   * @throws ACCESS_UNAUTHENTICATED, whatever is wrong with it
   */
  authenticate: (token: string, certificate?: string | null) => Promise<Actor>;
  /** The same actor as it is now. @throws ACCESS_UNAUTHENTICATED when it was revoked, or its token has ended */
  renew: (actor: Actor) => Promise<Actor>;
  /** @throws ACCESS_ROLE_UNKNOWN, ACCESS_SCOPE_INVALID, ACCESS_WORKLOAD_INVALID, ACCESS_SEPARATED */
  trust: (by: Actor, wanted: NewWorkload, log: LogPerson) => Promise<{ id: string }>;
  list: () => Promise<WorkloadView[]>;
  /** Its next request fails. @throws ACCESS_WORKLOAD_NOT_FOUND */
  revoke: (id: string, log: LogPerson) => Promise<void>;
}>;
export type WorkloadNeeds = Readonly<{
  db: Db;
  clock: () => Date;
  fetch: typeof fetch;
  loadPolicies: (version: Uuid) => Promise<string>;
  roles: (by: Actor) => readonly string[];
  notTogether: (by: Actor, roles: readonly string[]) => string | null;
  /** Whether the catalogue has all purposes and collections of a scope. */
  isScope: (scope: Pick<Scope, 'purposes' | 'collections'>) => boolean;
}>;

/** Signatures only, by keys that the issuer alone has: `none` and shared secrets (HS256) are not among them. */
const ALGORITHMS = ['ES256', 'ES384', 'EdDSA', 'Ed25519', 'RS256', 'PS256'];
/** Short-lived is the point: a token that is good for longer is a key without its rules. */
const LONGEST_SECONDS = 3600;
const LEEWAY_SECONDS = 30;
const TOKEN_SHAPE = /^[\w-]{2,2000}\.[\w-]{2,8000}\.[\w-]{0,2000}$/;
/** Key sets of issuers that are fetched; more are not remembered. */
const MOST_REMEMBERED = 100;

export function createWorkloads({
  db,
  clock,
  fetch,
  loadPolicies,
  roles,
  notTogether,
  isScope,
}: WorkloadNeeds): Workloads {
  const remote = new Map<string, JWTVerifyGetKey>();
  const keysOf = ({ jwks, jwks_url: url }: WorkloadRow): JWTVerifyGetKey => {
    if (jwks !== null) return createLocalJWKSet(jwks as JSONWebKeySet);
    const known = remote.get(url as string);
    if (known !== undefined) return known;
    if (remote.size >= MOST_REMEMBERED) remote.clear();
    const made = createRemoteJWKSet(new URL(url as string), { [customFetch]: fetch, timeoutDuration: 5000 });
    remote.set(url as string, made);
    return made;
  };
  const asActor = async (row: FoundWorkload, expiresAt: Date): Promise<Actor> => ({
    kind: 'service',
    id: publicId('wkl', row.workload_id),
    name: row.name,
    role: row.role,
    scope: { purposes: row.purposes, classes: row.classes, collections: row.collections },
    expiresAt,
    policyVersion: await loadPolicies(row.policy_version),
    ...(row.person_id === null ? {} : { person: publicId('per', row.person_id) }),
    ...(row.overdue ? { overdue: true } : {}),
  });
  const verified = async (
    token: string,
    certificate: string | null,
  ): Promise<{ row: FoundWorkload; exp: number } | null> => {
    try {
      const { iss, sub } = decodeJwt(token);
      const row = iss === undefined || sub === undefined ? null : await findWorkload(db, iss, sub);
      if (row === null) return null;
      const { payload } = await jwtVerify(token, keysOf(row), {
        algorithms: ALGORITHMS,
        issuer: row.issuer,
        subject: row.subject,
        audience: row.audience,
        requiredClaims: ['exp', 'iat'],
        clockTolerance: LEEWAY_SECONDS,
        currentDate: clock(),
        maxTokenAge: LONGEST_SECONDS,
      });
      if (!isConfirmed(payload.cnf, certificate)) return null;
      const { exp = 0, iat = 0 } = payload;
      return exp - iat <= LONGEST_SECONDS ? { row, exp } : null;
    } catch (thrown) {
      // what does not verify is a planned outcome; a database that is gone is not
      if (isTokenFault(thrown)) return null;
      throw thrown;
    }
  };

  return {
    isToken: (bearer) => TOKEN_SHAPE.test(bearer),
    authenticate: async (token, certificate = null) => {
      const found = await verified(token, certificate);
      if (found === null) throw accessFailure('UNAUTHENTICATED');
      return await asActor(found.row, new Date(found.exp * 1000));
    },
    renew: async (actor) => {
      const id = parsePublicId('wkl', actor.id);
      const row = id === null ? null : await livingWorkload(db, id);
      if (row === null || actor.expiresAt === null || actor.expiresAt <= clock())
        throw accessFailure('UNAUTHENTICATED');
      return await asActor(row, actor.expiresAt);
    },
    trust: async (by, wanted, log) => {
      const { jwks = null, jwksUrl = null, purposes = [], classes = [], collections = [] } = wanted;
      if (!roles(by).includes(wanted.role)) throw accessFailure('ROLE_UNKNOWN');
      if (!isScope({ purposes, collections })) throw accessFailure('SCOPE_INVALID');
      if ((jwks === null) === (jwksUrl === null) || !isFetchable(jwksUrl) || !isPublic(jwks))
        throw accessFailure('WORKLOAD_INVALID');
      const workloadId = uuidv7(clock().getTime());
      return transact(db, async (tx) => {
        const { name, issuer, subject, audience, role } = wanted;
        await refuseSeparated(tx, by, role, notTogether);
        const kept = await insertWorkload(tx, {
          workload_id: workloadId, name, issuer, subject, audience, jwks, jwks_url: jwksUrl, role,
          purposes: [...purposes], classes: [...classes], collections: [...collections], created_by: by.id,
          person_id: by.person === undefined ? null : parsePublicId('per', by.person),
        }); // prettier-ignore
        if (!kept)
          throw accessFailure('WORKLOAD_INVALID', { detail: 'this subject of this issuer is trusted already' });
        await log(tx, publicId('wkl', workloadId));
        return { id: publicId('wkl', workloadId) };
      });
    },
    list: async () => (await listWorkloads(db)).map(asView),
    revoke: async (id, log) => {
      const workloadId = parsePublicId('wkl', id);
      if (workloadId === null) throw accessFailure('WORKLOAD_NOT_FOUND');
      await transact(db, async (tx) => {
        if (!(await revokeWorkload(tx, workloadId))) throw accessFailure('WORKLOAD_NOT_FOUND');
        await log(tx, id);
      });
    },
  };
}

/** Of jose's own making, or a key set that could not be fetched. */
const isTokenFault = (thrown: unknown): boolean => {
  const { code = '', name = '' } = thrown as { code?: string; name?: string };
  return code.startsWith('ERR_J') || name === 'TypeError' || name === 'TimeoutError';
};

/** Keys come over TLS, or from this machine. */
function isFetchable(url: string | null): boolean {
  if (url === null) return true;
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, username } = new URL(url);
  const local = hostname === 'localhost' || hostname === '127.0.0.1' || hostname === '[::1]';
  return username === '' && (protocol === 'https:' || (protocol === 'http:' && local));
}

/** Public keys of signatures alone: a private part has no business here, and a shared secret would let us forge. */
const isPublic = (jwks: JSONWebKeySet | null): boolean =>
  jwks === null ||
  (jwks.keys.length > 0 && jwks.keys.every((key) => key.kty !== 'oct' && !('d' in key) && !('k' in key)));

const asView = (row: WorkloadRow): WorkloadView => ({
  id: publicId('wkl', row.workload_id),
  name: row.name,
  issuer: row.issuer,
  subject: row.subject,
  audience: row.audience,
  jwksUrl: row.jwks_url,
  role: row.role,
  scope: { purposes: row.purposes, classes: row.classes, collections: row.collections },
  createdAt: row.created_at.toISOString(),
  revokedAt: row.revoked_at?.toISOString() ?? null,
});

/** RFC 7800: whoever brings a bound token shows that it is theirs; of the ways to do so, certificates are known here. */
function isConfirmed(confirmation: unknown, certificate: string | null): boolean {
  if (confirmation === undefined) return true;
  if (typeof confirmation !== 'object' || confirmation === null) return false;
  const { 'x5t#S256': thumbprint, ...others } = confirmation as Readonly<Record<string, unknown>>;
  return Object.keys(others).length === 0 && certificate !== null && thumbprint === certificate;
}
