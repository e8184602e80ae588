/**
 * TypeScript types from an OpenAPI 3.1 document: one type per component schema, and for each operation its
 * parameters, body and responses by status. Knows the JSON Schema that TypeBox writes; refuses what it does not know.
 */
import type { Json } from './openapi-text.ts';

type Schema = { readonly [key: string]: Json };

const METHODS = ['get', 'post', 'put', 'patch', 'delete', 'head'];

/** @throws Error naming the place of a schema it cannot express, or an operation without operationId */
export function sdkTypes(document: Json): string {
  const spec = document as Schema;
  const schemas = at(spec, 'components', 'schemas') as Record<string, Json>;
  const parts = [
    '/** Written by `npm run docs` from docs/openapi.json; do not edit. */',
    ...Object.entries(schemas).map(
      ([name, schema]) => `${docOf(schema)}export type ${typeName(name)} = ${typeOf(schema, `schema ${name}`)};`,
    ),
    `export type Operations = {\n${operationsOf(spec).join('\n')}\n};`,
  ];
  return `${parts.join('\n\n')}\n`;
}

function operationsOf(spec: Schema): readonly string[] {
  const lines: string[] = [];
  for (const [path, item] of Object.entries((spec['paths'] ?? {}) as Record<string, Schema>)) {
    for (const method of METHODS) {
      const operation = item[method] as Schema | undefined;
      if (operation === undefined) continue;
      const id = operation['operationId'];
      if (typeof id !== 'string') throw new Error(`${method.toUpperCase()} ${path} has no operationId`);
      lines.push(`  ${quoted(id)}: ${operationType(spec, operation, method, path)};`);
    }
  }
  return lines;
}

function operationType(spec: Schema, operation: Schema, method: string, path: string): string {
  const where = `${method.toUpperCase()} ${path}`;
  const parameters = ((operation['parameters'] ?? []) as readonly Schema[]).map((one) => resolve(spec, one));
  const group = (place: string): string =>
    objectOf(
      parameters
        .filter((one) => one['in'] === place)
        .map((one) => ({
          name: one['name'] as string,
          required: one['required'] === true,
          type: typeOf(one['schema'] ?? {}, `${where} ${one['name'] as string}`),
        })),
    );
  const body =
    operation['requestBody'] === undefined
      ? 'never'
      : contentType(resolve(spec, operation['requestBody'] as Schema), where);
  const responses = Object.entries((operation['responses'] ?? {}) as Record<string, Schema>).map(([status, reply]) => ({
    name: status,
    required: true,
    type: contentType(resolve(spec, reply), `${where} ${status}`),
  }));
  return `{ method: '${method.toUpperCase()}'; route: ${quoted(path)}; path: ${group('path')}; query: ${group('query')}; headers: ${group('header')}; body: ${body}; responses: ${objectOf(responses)} }`;
}

function contentType(holder: Schema, where: string): string {
  const content = Object.entries((holder['content'] ?? {}) as Record<string, Schema>);
  if (content.length === 0) return 'undefined';
  const types = content.map(([media, one]) =>
    /json/.test(media) && one['schema'] !== undefined ? typeOf(one['schema'], where) : 'Uint8Array',
  );
  return [...new Set(types)].join(' | ');
}

function typeOf(json: Json, where: string): string {
  if (json === true) return 'unknown';
  if (json === null || typeof json !== 'object' || Array.isArray(json)) throw new Error(`${where}: not a schema`);
  const schema = json as Schema;
  const ref = schema['$ref'];
  if (typeof ref === 'string') {
    const name = /^#\/components\/schemas\/(.+)$/.exec(ref)?.[1];
    if (name === undefined) throw new Error(`${where}: ${ref} is not a component schema`);
    return typeName(name);
  }
  if ('const' in schema) return JSON.stringify(schema['const']);
  if (Array.isArray(schema['enum'])) return schema['enum'].map((one) => JSON.stringify(one)).join(' | ');
  for (const [word, glue] of [
    ['anyOf', ' | '],
    ['oneOf', ' | '],
    ['allOf', ' & '],
  ] as const) {
    const members = schema[word];
    if (Array.isArray(members)) return `(${members.map((one: Json) => typeOf(one, where)).join(glue)})`;
  }
  const type = schema['type'];
  if (Array.isArray(type)) return type.map((one: Json) => typeOf({ ...schema, type: one }, where)).join(' | ');
  switch (type as string | undefined) {
    case 'string':
      return 'string';
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'null':
      return 'null';
    case 'array':
      return `ReadonlyArray<${typeOf(schema['items'] ?? true, where)}>`;
    case 'object':
      return recordOf(schema, where);
    case undefined:
      // a schema that says nothing about the type: anything
      return 'properties' in schema ? recordOf(schema, where) : 'unknown';
    default:
      throw new Error(`${where}: type ${JSON.stringify(type)} is not known`);
  }
}

function recordOf(schema: Schema, where: string): string {
  const required = new Set((schema['required'] ?? []) as readonly string[]);
  const members = Object.entries((schema['properties'] ?? {}) as Record<string, Json>).map(([name, one]) => ({
    name,
    required: required.has(name),
    type: typeOf(one, `${where}.${name}`),
  }));
  const patterns = Object.values((schema['patternProperties'] ?? {}) as Record<string, Json>);
  const more = schema['additionalProperties'];
  const others = [...patterns, ...(typeof more === 'object' && more !== null ? [more] : [])];
  if (members.length > 0 && others.length === 0) return objectOf(members);
  const value = others.map((one) => typeOf(one, where)).join(' | ');
  const record = `Readonly<Record<string, ${value === '' ? 'unknown' : value}>>`;
  return members.length === 0
    ? more === false && value === ''
      ? 'Readonly<Record<string, never>>'
      : record
    : `${objectOf(members)} & ${record}`;
}

function objectOf(members: ReadonlyArray<{ name: string; required: boolean; type: string }>): string {
  if (members.length === 0) return '{}';
  const lines = members.map(({ name, required, type }) => `readonly ${key(name)}${required ? '' : '?'}: ${type}`);
  return `{ ${lines.join('; ')} }`;
}

function resolve(spec: Schema, holder: Schema): Schema {
  const ref = holder['$ref'];
  if (typeof ref !== 'string') return holder;
  return at(spec, ...ref.replace(/^#\//, '').split('/')) as Schema;
}

function at(holder: Json, ...keys: readonly string[]): Json {
  let here: Json = holder;
  for (const one of keys) here = (here as Schema | undefined)?.[one] ?? {};
  return here;
}

function docOf(schema: Json): string {
  const text = (schema as Schema)['description'];
  return typeof text === 'string' ? `/** ${text.replaceAll('*/', '* /').replaceAll('\n', ' ')} */\n` : '';
}

function typeName(name: string): string {
  const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const joined = words.map((word) => word[0]?.toUpperCase() + word.slice(1)).join('');
  return /^\d/.test(joined) ? `Schema${joined}` : joined;
}

function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name);
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
