/** Groups of an identity provider that keeps people by SCIM: what they mean here, and whom it manages. */
import type { Group } from './contract.ts';
import type { CallOptions, Transport } from './transport.ts';

export type Groups = {
  list: (options?: CallOptions) => Promise<Readonly<{ groups: readonly Group[] }>>;
  /** Members of the group have these roles from now on; what was mapped before and is not among them ends. */
  map: (id: string, roles: readonly string[], options?: CallOptions) => Promise<unknown>;
  /** The group means nothing any more. */
  unmap: (id: string, options?: CallOptions) => Promise<unknown>;
  /** Lets the provider manage somebody who was here before it. */
  link: (person: string, options?: CallOptions) => Promise<unknown>;
  /** The provider manages this person no more; roles of groups end. */
  unlink: (person: string, options?: CallOptions) => Promise<unknown>;
};

export function createGroups({ json }: Transport): Groups {
  const path = '/v1/access/groups';
  const map = (id: string, roles: readonly string[], options?: CallOptions): Promise<unknown> =>
    json({ method: 'PUT', path: `${path}/${encodeURIComponent(id)}/roles`, json: { roles }, does: 'change' }, options);
  const provisioning = (person: string): string => `/v1/access/people/${encodeURIComponent(person)}/provisioning`;
  return {
    list: (options) => json({ method: 'GET', path, does: 'read' }, options),
    map,
    unmap: (id, options) => map(id, [], options),
    link: (person, options) => json({ method: 'PUT', path: provisioning(person), does: 'change' }, options),
    unlink: (person, options) => json({ method: 'DELETE', path: provisioning(person), does: 'change' }, options),
  };
}
