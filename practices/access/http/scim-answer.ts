/** How SCIM answers: its own media type, its own shape of errors. Source: RFC 7644 §3.1, §3.12 */
import type { Failure } from '#platform/failure';

export const SCIM_TYPE = 'application/scim+json';

const SCIM_TYPES: Readonly<Record<string, string>> = {
  ACCESS_SCIM_SYNTAX: 'invalidSyntax',
  ACCESS_SCIM_VALUE: 'invalidValue',
  ACCESS_SCIM_FILTER: 'invalidFilter',
  ACCESS_SCIM_PATH: 'invalidPath',
  ACCESS_SCIM_TARGET: 'noTarget',
  ACCESS_SCIM_MUTABILITY: 'mutability',
  ACCESS_SCIM_UNIQUENESS: 'uniqueness',
  HTTP_MALFORMED: 'invalidSyntax',
  HTTP_INVALID: 'invalidValue',
};

export function scimProblem({ code, status, message, hint }: Failure): { type: string; body: object } {
  const scimType = SCIM_TYPES[code];
  return {
    type: SCIM_TYPE,
    body: {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
      status: String(status),
      ...(scimType === undefined ? {} : { scimType }),
      detail: `${message}: ${hint} (${code})`,
    },
  };
}

export const listAnswer = (total: number, startIndex: number, resources: readonly object[]): object => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
  totalResults: total,
  startIndex,
  itemsPerPage: resources.length,
  Resources: resources,
});
