/** Entries that several formats have. */
import Type from 'typebox';

export const Id = Type.String({ pattern: '^[a-z][a-z0-9-]{0,60}$' });
export const Locale = Type.String({ pattern: '^[a-z]{2}(-[A-Z]{2})?$' });
export const Version = Type.Integer({ minimum: 1, maximum: 9999 });
/** A line or a few of plain text. */
export const Words = Type.String({ minLength: 1, maxLength: 2000 });
/** Roles of the access policy, or `everyone`. */
export const Audience = Type.Array(Type.String({ pattern: '^[a-z][a-z0-9-]{0,40}$' }), { minItems: 1, maxItems: 30 });
/** Where a figure or a rule comes from. */
export const Sources = Type.Array(Words, { maxItems: 30 });

export const strict = { additionalProperties: false } as const;
