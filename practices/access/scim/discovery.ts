/** What this service provider can do, as it says itself. Source: RFC 7643 §5, §6, §7; RFC 7644 §4 */
import { SCHEMA, type Kind } from './attributes.ts';
import type { Json } from './patch.ts';

export const MAX_RESULTS = 200;
const root = (origin: string | null): string => `${origin ?? ''}/scim/v2`;

export const serviceProviderConfig = (origin: string | null): Json => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: MAX_RESULTS },
  changePassword: { supported: false },
  sort: { supported: false },
  etag: { supported: true },
  authenticationSchemes: [
    {
      type: 'oauthbearertoken',
      name: 'API key',
      description: 'Authorization: Bearer with a key, or a token of a workload, whose role includes people.provision',
      primary: true,
    },
  ],
  meta: { resourceType: 'ServiceProviderConfig', location: `${root(origin)}/ServiceProviderConfig` },
});

export const resourceTypes = (origin: string | null): readonly (Json & Readonly<{ id: Kind }>)[] =>
  (['User', 'Group'] as const).map((id) => ({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
    id,
    name: id,
    endpoint: `/${id}s`,
    schema: SCHEMA[id],
    meta: { resourceType: 'ResourceType', location: `${root(origin)}/ResourceTypes/${id}` },
  }));

const attribute = (name: string, description: string, more: Json = {}): Json => ({
  name, type: 'string', multiValued: false, description, required: false, caseExact: false, mutability: 'readWrite', returned: 'default',
  uniqueness: 'none', ...more,
}); // prettier-ignore
const reference = (types: readonly string[]): Json =>
  attribute('$ref', 'its address', {
    type: 'reference',
    referenceTypes: types,
    caseExact: true,
    mutability: 'readOnly',
  });

const USER = [
  attribute('userName', 'what the provider knows the person by', { required: true, uniqueness: 'server' }),
  attribute('externalId', "the provider's own id", { caseExact: true }),
  attribute('displayName', 'as others see the person'),
  attribute('name', 'of the person', {
    type: 'complex',
    subAttributes: ['formatted', 'givenName', 'familyName'].map((each) => attribute(each, 'part of the name')),
  }),
  attribute('emails', 'one is kept: the primary one, which the person signs in with', {
    type: 'complex',
    multiValued: true,
    subAttributes: [
      attribute('value', 'the address', { uniqueness: 'server' }),
      attribute('type', 'always work', { canonicalValues: ['work'] }),
      attribute('primary', 'always true', { type: 'boolean' }),
    ],
  }),
  attribute('active', 'false: the person does nothing any more, at once', { type: 'boolean' }),
  attribute('groups', 'that the person is in; changed at the group', {
    type: 'complex',
    multiValued: true,
    mutability: 'readOnly',
    subAttributes: [
      attribute('value', 'id of the group', { mutability: 'readOnly', caseExact: true }),
      reference(['Group']),
      attribute('display', 'name of the group', { mutability: 'readOnly' }),
    ],
  }),
];
const GROUP = [
  attribute('displayName', 'name of the group', { required: true, uniqueness: 'server' }),
  attribute('externalId', "the provider's own id", { caseExact: true }),
  attribute('members', 'users of this provider', {
    type: 'complex',
    multiValued: true,
    subAttributes: [
      attribute('value', 'id of the user', { mutability: 'immutable', caseExact: true }),
      reference(['User']),
      attribute('type', 'always User', { mutability: 'immutable', canonicalValues: ['User'] }),
    ],
  }),
];

export const schemas = (origin: string | null): readonly (Json & Readonly<{ id: string }>)[] =>
  (
    [
      ['User', 'somebody who works here', USER],
      ['Group', 'people who belong together; what that means here an administrator says', GROUP],
    ] as const
  ).map(([name, description, attributes]) => ({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
    id: SCHEMA[name],
    name,
    description,
    attributes,
    meta: { resourceType: 'Schema', location: `${root(origin)}/Schemas/${SCHEMA[name]}` },
  }));
