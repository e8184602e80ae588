/** Routes of the record of processing, as JSON, CSV and PDF, and of the data map; names only, no customer. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import type { DataMap } from '../record/data-map.ts';
import { recordCsv } from '../record/record-csv.ts';
import type { RecordOfProcessing } from '../record/record-of-processing.ts';
import { recordPdf } from '../record/record-pdf.ts';
import type { Caller } from './caller.ts';

const tags = ['collection'];
const NULLABLE = Type.Union([Type.String(), Type.Null()]);
const CLASS = Type.Enum(['public', 'internal', 'personal', 'sensitive', 'special']);
const Recipient = Type.Object({ id: Type.String(), title: Type.String(), country: NULLABLE, safeguard: NULLABLE });
const Record = Type.Object({
  controller: Type.Object({ name: Type.String(), contact: NULLABLE }),
  version: Type.String(),
  hash: Type.String(),
  generatedAt: Type.String(),
  activities: Type.Array(
    Type.Object({
      purpose: Type.String(),
      title: Type.String(),
      description: NULLABLE,
      legalBases: Type.Array(Type.String()),
      art9: Type.Array(Type.String()),
      basis: Type.String({ description: 'both of them, in words' }),
      needsConsent: Type.Boolean(),
      until: NULLABLE,
      subjects: Type.Array(Type.String()),
      fields: Type.Array(
        Type.Object({
          collection: Type.String(),
          field: Type.String(),
          title: Type.String(),
          class: CLASS,
          category: NULLABLE,
          source: NULLABLE,
        }),
      ),
      recipients: Type.Array(Recipient),
      retention: Type.Array(
        Type.Object({
          after: Type.String(),
          event: Type.String(),
          for: Type.String(),
          action: Type.String(),
          says: Type.String({ description: 'all of this in words' }),
          fields: Type.Array(Type.String()),
        }),
      ),
    }),
  ),
  measures: Type.Array(Type.String()),
});
const Map = Type.Object({
  sources: Type.Array(Type.String()),
  collections: Type.Array(
    Type.Object({
      name: Type.String(),
      title: Type.String(),
      owner: Type.String(),
      subject: Type.String(),
      classes: Type.Record(Type.String(), Type.Integer()),
    }),
  ),
  purposes: Type.Array(Type.Object({ id: Type.String(), title: Type.String(), legalBasis: NULLABLE })),
  recipients: Type.Array(Recipient),
  flows: Type.Array(
    Type.Object({ from: Type.String(), to: Type.String(), fields: Type.Array(Type.String()), class: CLASS }),
  ),
});

export type RecordNeeds = Readonly<{ record: () => Promise<RecordOfProcessing>; dataMap: () => DataMap }>;

export function recordRoutes(
  server: HttpServer,
  { allowed, record, dataMap }: Pick<Caller, 'allowed'> & RecordNeeds,
): void {
  const url = '/v1/collection/record-of-processing';
  server.route({
    method: 'GET',
    url,
    schema: { operationId: 'recordOfProcessing', tags, summary: 'The record of processing (GDPR art. 30), from what is enforced', response: { 200: Record } }, // prettier-ignore
    handler: async (request) => {
      await allowed(request, 'catalog.read');
      return (await record()) as never;
    },
  });

  server.route({
    method: 'GET',
    url: `${url}.csv`,
    schema: {
      operationId: 'recordOfProcessingCsv',
      tags,
      summary: 'The same as CSV: a line for each purpose and field',
    },
    handler: async (request, reply) => {
      await allowed(request, 'catalog.read');
      const text = recordCsv(await record());
      return reply
        .type('text/csv; charset=utf-8; header=present')
        .header('content-disposition', 'attachment; filename="record-of-processing.csv"')
        .send(text);
    },
  });

  server.route({
    method: 'GET',
    url: `${url}.pdf`,
    schema: { operationId: 'recordOfProcessingPdf', tags, summary: 'The same as PDF' },
    handler: async (request, reply) => {
      await allowed(request, 'catalog.read');
      const pdf = await recordPdf(await record());
      return reply
        .type('application/pdf')
        .header('content-disposition', 'attachment; filename="record-of-processing.pdf"')
        .send(pdf);
    },
  });

  server.route({
    method: 'GET',
    url: '/v1/collection/data-map',
    schema: { operationId: 'dataMap', tags, summary: 'Where data comes from, what it is held for, to whom it goes', response: { 200: Map } }, // prettier-ignore
    handler: async (request) => {
      await allowed(request, 'catalog.read');
      return await Promise.resolve(dataMap() as never);
    },
  });
}
