/** Route of the gate's report: counts of names and kinds, no customer. */
import Type from 'typebox';

import type { HttpServer } from '#platform/http';

import type { GateReport } from '../gate/gate-report.ts';
import type { Caller } from './caller.ts';

const Report = Type.Object({
  since: Type.String(),
  wouldRefuse: Type.Integer({ description: 'values that passed and that enforce had masked or refused' }),
  collections: Type.Array(
    Type.Object({ name: Type.String(), title: Type.String(), mode: Type.Enum(['off', 'observe', 'warn', 'enforce']) }),
  ),
  counts: Type.Array(
    Type.Object({
      collection: Type.String(),
      field: Type.String(),
      finding: Type.String(),
      mode: Type.String(),
      outcome: Type.String(),
      would: Type.String(),
      times: Type.Integer(),
    }),
  ),
  days: Type.Array(Type.Object({ day: Type.String(), would: Type.Integer(), did: Type.Integer() })),
});

export function gateRoutes(
  server: HttpServer,
  { allowed, gateReport }: Pick<Caller, 'allowed'> & { gateReport: (days: number) => Promise<GateReport> },
): void {
  server.route({
    method: 'GET',
    url: '/v1/collection/gate',
    schema: {
      operationId: 'gateReport', tags: ['collection'], summary: 'What the gate found in the last days, and what enforce would have refused',
      querystring: Type.Object({ days: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,2}$', description: '1 to 366, today among them; 30 without it' })) }, { additionalProperties: false }),
      response: { 200: Report },
    }, // prettier-ignore
    handler: async (request) => {
      await allowed(request, 'catalog.read');
      return (await gateReport(Math.min(366, Number(request.query.days ?? 30)))) as never;
    },
  });
}
