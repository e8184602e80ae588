/** Route of the catalogue: what is held, of which class, for which purposes; the names only, no customer. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import type { Catalog } from '../catalog.ts';
import { minimiseText } from '../gate/minimise.ts';
import type { Caller } from './caller.ts';

const Field = Type.Object({
  name: Type.String(),
  title: Type.String(),
  type: Type.String(),
  class: Type.String(),
  purposes: Type.Array(Type.String()),
  search: Type.Array(Type.String()),
  mask: Type.String(),
  minimise: Type.Union([Type.String(), Type.Null()], { description: 'what is stored instead of what comes in' }),
  values: Type.Union([Type.Array(Type.String()), Type.Null()]),
});
const CatalogOut = Type.Object({
  version: Type.String(),
  title: Type.Union([Type.String(), Type.Null()]),
  purposes: Type.Array(
    Type.Object({
      id: Type.String(),
      title: Type.String(),
      description: Type.Union([Type.String(), Type.Null()]),
      legalBasis: Type.Union([Type.String(), Type.Null()]),
    }),
  ),
  collections: Type.Array(
    Type.Object({
      name: Type.String(),
      title: Type.String(),
      externalId: Type.String({ description: 'what the source calls the id that it knows a subject by' }),
      attachments: Type.Boolean(),
      gate: Type.Enum(['off', 'observe', 'warn', 'enforce']),
      fields: Type.Array(Field),
    }),
  ),
});

export function catalogRoutes(
  server: HttpServer,
  { catalog, actorOf }: Pick<Caller, 'actorOf'> & { catalog: () => Catalog },
): void {
  server.route({
    method: 'GET',
    url: '/v1/collection/catalog',
    schema: {
      operationId: 'readCatalog',
      tags: ['collection'],
      summary: 'What is held: collections, fields, classes, purposes',
      response: { 200: CatalogOut },
    },
    handler: async (request) => {
      actorOf(request);
      const { version, title, purposes, collections } = catalog();
      return await Promise.resolve({
        version,
        title,
        purposes: [...purposes.values()].map(({ id, title, description, legalBasis }) => ({
          id,
          title,
          description,
          legalBasis,
        })),
        collections: [...collections.values()].map(({ name, title, externalId, attachments, gate, fields }) => ({
          name,
          title,
          externalId: externalId.name,
          attachments: attachments !== null,
          gate: gate ?? 'observe',
          fields: [...fields.values()].map((field) => ({
            name: field.name,
            title: field.title,
            type: field.type,
            class: field.class,
            purposes: field.purposes.map(({ id }) => id),
            search: field.search.map(({ kind }) => kind),
            mask: field.mask,
            minimise: field.minimise === null ? null : minimiseText(field.minimise),
            values: field.values === null ? null : [...field.values],
          })),
        })),
      });
    },
  });
}
