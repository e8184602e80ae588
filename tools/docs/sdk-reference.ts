/**
 * docs/sdk.md from the sources of the SDK: each namespace of the client, each of its calls with what its comment says, and
 * which operation of docs/openapi.json each named shape is of.
 */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { parseSync, type Comment, type TSSignature, type TSType } from 'oxc-parser';

import type { Json } from './openapi-text.ts';

type Source = Readonly<{ text: string; comments: readonly Comment[]; types: ReadonlyMap<string, Named> }>;
type Named = Readonly<{ type: TSType; start: number }>;

const HEAD = `# The SDK, call by call

For who has read sdk/README.md, or the tutorial (tutorials/protect-an-app.md), and asks what else there is. Written by \`npm run docs\` from the
comments of sdk/; do not edit. Every call takes \`options\` last: \`signal\`, \`timeoutMs\`, and what it says itself. It fails with a
\`StrongroomProblem\`, whose \`code\` is one of failures.md. How shapes look in full: openapi.json, by the operation that stands at the end here.
`;

/** @param files of sdk/, by their name. @throws Error when a namespace has no type that is declared in one of them */
export function sdkReference(files: ReadonlyMap<string, string>, openapi: Json): string {
  const sources = [...files].map(([name, text]) => read(name, text));
  const typeOf = (name: string, fits: typeof hasCalls): { source: Source; named: Named } => {
    for (const source of sources) {
      const named = source.types.get(name);
      if (named !== undefined && fits(source, named.type)) return { source, named };
    }
    throw new Error(`sdk: there is no type ${name}`);
  };
  const client = typeOf('Strongroom', () => true);
  const shapes = shapesOf(sources, openapi);
  const spaces = membersOf(client.named.type).flatMap((member) => {
    const name = nameOf(member);
    // a shape may have the name of a namespace: only what has calls is one
    const { source, named } = typeOf(typeText(client.source, member), hasCalls);
    const says = [commentBefore(client.source, member.start), commentBefore(source, named.start)].filter((each) => each !== '');
    return [`## ${name}\n`, ...says.map((each) => `${sentence(each)}\n`), ...callsOf(source, named.type, name, shapes)];
  });
  return [HEAD, ...spaces, ...shapeTable(shapes)].join('\n');
} // prettier-ignore

export function readSdk(root: string): ReadonlyMap<string, string> {
  // what is exported from the client's own files, the client first
  const index = readFileSync(join(root, 'sdk/index.ts'), 'utf8');
  const named = [...index.matchAll(/from '\.\/([\w.-]+)'/g)].map(([, file = '']) => file);
  const client = readFileSync(join(root, 'sdk/client.ts'), 'utf8');
  const used = [...client.matchAll(/from '\.\/([\w.-]+)'/g)].map(([, file = '']) => file);
  return new Map([...new Set([...named, ...used])].map((file) => [file, readFileSync(join(root, 'sdk', file), 'utf8')]));
} // prettier-ignore

function read(name: string, text: string): Source {
  const { program, comments, errors } = parseSync(basename(name), text);
  if (errors.length > 0) throw new Error(`sdk/${name}: ${errors[0]?.message ?? ''}`);
  const types = new Map<string, Named>();
  for (const statement of program.body) {
    const declared = statement.type === 'ExportNamedDeclaration' ? statement.declaration : null;
    if (declared?.type === 'TSTypeAliasDeclaration')
      types.set(declared.id.name, { type: declared.typeAnnotation, start: statement.start });
  }
  return { text, comments, types };
}

const hasCalls = (source: Source, type: TSType): boolean =>
  membersOf(type).some((member) => typeText(source, member).includes('=>'));

/** Of the type's own braces, and of those in `Readonly<{ … }>` and `A & { … }`. */
function membersOf(type: TSType): readonly TSSignature[] {
  if (type.type === 'TSTypeLiteral') return type.members;
  if (type.type === 'TSIntersectionType') return type.types.flatMap(membersOf);
  if (type.type === 'TSTypeReference') return (type.typeArguments?.params ?? []).flatMap(membersOf);
  return [];
}

const nameOf = (member: TSSignature): string =>
  member.type === 'TSPropertySignature' && member.key.type === 'Identifier' ? member.key.name : '';
const slice = (source: Source, { start, end }: { start: number; end: number }): string =>
  source.text.slice(start, end).replaceAll(/\/\*\*?[\s\S]*?\*\//g, '').replaceAll(/\s+/g, ' ').replaceAll(/([([]) | (?=[)\]])|,(?= [)\]}])/g, '$1').trim(); // prettier-ignore
const typeText = (source: Source, member: TSSignature): string =>
  member.type === 'TSPropertySignature' && member.typeAnnotation !== null
    ? slice(source, member.typeAnnotation.typeAnnotation)
    : '';

function callsOf(source: Source, type: TSType, path: string, shapes: ReadonlyMap<string, Shape>): string[] {
  return membersOf(type).flatMap((member) => {
    const own = member.type === 'TSPropertySignature' ? member.typeAnnotation?.typeAnnotation : undefined;
    if (own === undefined) return [];
    const at = `${path}.${nameOf(member)}`;
    const says = commentBefore(source, member.start);
    if (own.type !== 'TSFunctionType')
      return [...(says === '' ? [] : [`${sentence(says)}\n`]), ...callsOf(source, own, at, shapes)];
    const taken = own.params.map((each) => slice(source, each)).filter((each) => !/^options\?: CallOptions$/.test(each));
    const given = slice(source, own.returnType.typeAnnotation);
    // without words of its own it does what the one operation does whose answer it gives
    const [operation, another] = shapes.get(/^Promise<(\w+)>$/.exec(given)?.[1] ?? '')?.operations ?? [];
    const told = says !== '' ? sentence(says) : another === undefined && operation !== undefined ? `${operation.summary}.` : '';
    // a fence begins a block of its own, words go on in the same one
    const words = told === '' ? '' : `${told.startsWith('`') ? '\n' : '\\'}\n${told}`.replaceAll(/\n(?=.)/g, '\n  ');
    return [`- \`${at}(${taken.join(', ')}): ${given}\`${words}\n`];
  });
} // prettier-ignore

/** The comment that ends right before this, without its stars; '' where there is none. */
function commentBefore({ comments, text }: Source, start: number): string {
  const before = comments.find(({ type, value, end }) => type === 'Block' && value.startsWith('*') && end < start && text.slice(end, start).trim() === ''); // prettier-ignore
  return (before?.value ?? '').slice(1).replaceAll(/^\s*\* ?/gm, '').trim(); // prettier-ignore
}

/** Words, then what it takes and how it fails; an example as code. */
function sentence(comment: string): string {
  const [words = '', ...tags] = comment.split(/^@|(?<=\s)@(?=param|throws|returns|example)/m);
  const told = tags.map((tag) => {
    const [, name = '', rest = ''] = /^(\w+)\s*([\s\S]*)$/.exec(tag.trim()) ?? [];
    if (name === 'example') return `\n\n\`\`\`ts\n${rest.trim()}\n\`\`\``;
    const [, what = '', how = ''] = /^(\S+)\s*([\s\S]*)$/.exec(rest.trim()) ?? [];
    if (name === 'param') return ` \`${what}\`: ${flat(how)}.`;
    return name === 'throws' ? ` Fails with ${flat(rest)}.` : ` Gives ${flat(rest)}.`;
  });
  return `${flat(words)}${told.join('')}`.trim().replaceAll(/\.\.(?=\s|$)/g, '.');
}
const flat = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

type Operation = Readonly<{ id: string; route: string; summary: string }>;
type Shape = Readonly<{ says: string; operations: readonly Operation[] }>;

/** Named shapes, and the operations they are of. */
function shapesOf(sources: readonly Source[], openapi: Json): ReadonlyMap<string, Shape> {
  const { paths } = openapi as unknown as { paths: Record<string, Record<string, { operationId?: string; summary?: string }>> };
  const known = new Map(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId: id = '', summary = '' }]) => [id, { id, summary, route: `${method.toUpperCase()} ${path}` }] as const),
    ),
  );
  return new Map(
    sources.flatMap((source) =>
      [...source.types].flatMap(([name, { type, start }]) => {
        const named = [...slice(source, type).matchAll(/(?:Body|Reply)<'(\w+)'/g)].map(([, id = '']) => id);
        const operations = [...new Set(named)].flatMap((id) => known.get(id) ?? []);
        const says = sentence(commentBefore(source, start));
        // a namespace is no shape
        return operations.length === 0 || hasCalls(source, type) ? [] : [[name, { says, operations }] as const];
      }),
    ),
  );
} // prettier-ignore

function shapeTable(shapes: ReadonlyMap<string, Shape>): string[] {
  const rows = [...shapes].map(([name, { says, operations }]) => {
    const of = operations.map(({ id, route }) => `\`${id}\`, ${route}`).join('; ');
    return `| \`${name}\` | ${of} | ${says.replaceAll('|', '\\|')} |`;
  });
  return ['## Shapes\n', '| shape | operation | |', '|---|---|---|', ...rows.toSorted(), ''];
}
