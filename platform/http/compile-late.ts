/**
 * Schemas become code at their first request, not at the start: of the hundreds of routes a server has, a short run asks a
 * few, and compiling all of them was a quarter of the start's time. The same compilers as the framework's own.
 *
 * A schema that does not compile would be found late: `npm run docs` compiles every route's at once.
 */
import ajvCompiler from '@fastify/ajv-compiler';
import stringifyCompiler from '@fastify/fast-json-stringify-compiler';
import type { FastifyServerOptions, RouteOptions } from 'fastify';

type Validate = ((data: unknown, context?: unknown) => unknown) & { errors?: unknown };
type Compile = (route: never) => (...args: unknown[]) => unknown;

const buildValidator = ajvCompiler();
const buildSerializer = stringifyCompiler();

export const compileLate = {
  compilersFactory: {
    buildValidator: (...needs: Parameters<typeof buildValidator>) => late(buildValidator(...needs) as Compile),
    buildSerializer: (...needs: Parameters<typeof buildSerializer>) => late(buildSerializer(...needs) as Compile),
  },
} as unknown as NonNullable<FastifyServerOptions['schemaController']>;

/**
 * The framework writes header names in small letters for compilers of its own only.
 * @throws Error naming the route: a header that is written otherwise would never be seen
 */
export function refuseCapitalHeaders({ url, schema }: RouteOptions): void {
  const headers = (schema?.headers ?? {}) as { properties?: Readonly<Record<string, unknown>> };
  const wrong = Object.keys(headers.properties ?? {}).find((name) => name !== name.toLowerCase());
  if (wrong !== undefined) throw new Error(`${url}: write the header ${wrong} in small letters`);
}

function late(compile: Compile): Compile {
  return (route) => {
    let compiled: Validate | undefined;
    const first: Validate = (data, context) => {
      compiled ??= compile(route) as Validate;
      const answer = compiled(data, context);
      // where the framework looks for what was wrong with the request it has just asked about
      first.errors = compiled.errors;
      return answer;
    };
    return first;
  };
}
