/** What fits the routes that an identity provider uses. */
import type { Fitting, Known } from './fitting-requests.ts';

const SCIM_USER = 'urn:ietf:params:scim:schemas:core:2.0:User';

export function scimRequests(known: Known): Readonly<Record<string, Fitting>> {
  const scimUser = {
    schemas: [SCIM_USER], userName: 'new@example.org', externalId: 'n', displayName: 'New', active: true,
    name: { givenName: 'N', familyName: 'W' }, emails: [{ value: 'new@example.org' }],
  }; // prettier-ignore
  const scimGroup = {
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
    displayName: 'new',
    members: [{ value: known.scimUserId }],
  };
  const scimPatch = (path: string, value: string) => ({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [{ op: 'replace', path, value }],
  });
  return {
    scimConfig: { role: 'provisioner' },
    scimResourceTypes: { role: 'provisioner' },
    scimResourceType: { role: 'provisioner', path: { id: 'User' } },
    scimSchemas: { role: 'provisioner' },
    scimSchema: { role: 'provisioner', path: { id: SCIM_USER } },
    scimListUsers: { role: 'provisioner' },
    scimCreateUser: { role: 'provisioner', body: scimUser },
    scimGetUser: { role: 'provisioner', path: { id: known.scimUserId } },
    scimReplaceUser: { role: 'provisioner', path: { id: known.scimUserId }, body: scimUser },
    scimPatchUser: { role: 'provisioner', path: { id: known.scimUserId }, body: scimPatch('displayName', 'Dee') },
    scimDeleteUser: { role: 'provisioner', path: { id: known.scimUserId } },
    scimListGroups: { role: 'provisioner' },
    scimCreateGroup: { role: 'provisioner', body: scimGroup },
    scimGetGroup: { role: 'provisioner', path: { id: known.scimGroupId } },
    scimReplaceGroup: { role: 'provisioner', path: { id: known.scimGroupId }, body: scimGroup },
    scimPatchGroup: { role: 'provisioner', path: { id: known.scimGroupId }, body: scimPatch('externalId', 'g') },
    scimDeleteGroup: { role: 'provisioner', path: { id: known.scimGroupId } },
  };
}
