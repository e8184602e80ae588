/** What a read costs without us: Fastify, one SELECT on the clear table, the row as JSON. Prints its URL. */
import fastify from 'fastify';

import { openDb } from '#platform/db';

import { FIELDS } from '../world/people.ts';

const db = openDb(process.argv[2] as string, { connections: 10 });
const server = fastify();
const text = { type: 'string' };
const schema = {
  response: {
    200: {
      type: 'object',
      properties: Object.fromEntries(['customer_id', ...FIELDS].map((field) => [field, text])),
    },
  },
};

server.route<{ Params: { id: string } }>({
  method: 'GET',
  url: '/customers/:id',
  schema,
  handler: async (request, reply) => {
    const [row] = await db`select * from customer where customer_id = ${request.params.id}`;
    return row ?? reply.code(404).send({});
  },
});
server.route<{ Body: { email: string } }>({
  method: 'POST',
  url: '/customers/search',
  schema: { body: { type: 'object', properties: { email: text }, required: ['email'] } },
  handler: async (request) => ({
    records: await db`select * from customer where email = ${request.body.email} limit 20`,
  }),
});
process.stdout.write(`${await server.listen({ host: '127.0.0.1', port: 0 })}\n`);
process.on('SIGTERM', () => process.exit(0));
