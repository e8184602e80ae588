/** A user or a group as it goes out. The version is a hash of all the rest: whatever changes, it changes. */
import { createHash } from 'node:crypto';

import { publicId } from '#platform/ids';

import type { GroupRow, ProvisionedRow } from '../store/provisioned.ts';
import { SCHEMA, type Kind } from './attributes.ts';
import type { Json } from './patch.ts';

export type Resource = Json & Readonly<{ id: string; meta: Json & Readonly<{ location: string; version: string }> }>;

/** @param root of the addresses: an origin, or '' */
export function userResource(row: ProvisionedRow, root: string): Resource {
  const { given_name: givenName, family_name: familyName, formatted } = row;
  const name = present({ formatted, givenName, familyName });
  return versioned('User', publicId('per', row.person_id), row, root, {
    ...present({ externalId: row.external_id, displayName: row.display_name }),
    userName: row.user_name,
    ...(Object.keys(name).length === 0 ? {} : { name }),
    emails: [{ value: row.email, type: 'work', primary: true }],
    active: row.state !== 'disabled',
    groups: row.groups.map(({ id, name: display }) => ({
      value: publicId('grp', id),
      display,
      $ref: addressOf('Group', publicId('grp', id), root),
    })),
  });
}

export function groupResource(row: GroupRow, root: string): Resource {
  return versioned('Group', publicId('grp', row.group_id), row, root, {
    ...present({ externalId: row.external_id }),
    displayName: row.display_name,
    members: row.members.map((each) => {
      const value = publicId('per', each);
      return { value, type: 'User', $ref: addressOf('User', value, root) };
    }),
  });
}

const addressOf = (kind: Kind, id: string, root: string): string => `${root}/scim/v2/${kind}s/${id}`;
const present = (attributes: Readonly<Record<string, string | null>>): Json =>
  Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== null));

function versioned(
  kind: Kind,
  id: string,
  { created_at, changed_at }: Readonly<{ created_at: Date; changed_at: Date }>,
  root: string,
  attributes: Json,
): Resource {
  const meta = {
    resourceType: kind,
    created: created_at.toISOString(),
    lastModified: changed_at.toISOString(),
    location: addressOf(kind, id, root),
  };
  const whole = { schemas: [SCHEMA[kind]], id, ...attributes };
  const hash = createHash('sha256')
    .update(JSON.stringify({ ...whole, meta }))
    .digest('base64url')
    .slice(0, 22);
  return { ...whole, meta: { ...meta, version: `W/"${hash}"` } };
}

/** `attributes` and `excludedAttributes`, by whole attributes; what is always returned stays (RFC 7644 §3.4.2.5). */
export function shown(resource: Json, only: string | undefined, without: string | undefined): Json {
  const named = (list: string): Set<string> =>
    new Set(
      list.split(',').map(
        (each) =>
          each
            .trim()
            .toLowerCase()
            .replace(/^urn:.*:/, '')
            .split('.')[0] as string,
      ),
    );
  const always = ['schemas', 'id'];
  const [wanted, dropped] = [only === undefined ? null : named(only), named(without ?? '')];
  return Object.fromEntries(
    Object.entries(resource).filter(([name]) => {
      const lower = name.toLowerCase();
      return always.includes(lower) || (wanted === null ? !dropped.has(lower) : wanted.has(lower));
    }),
  );
}
