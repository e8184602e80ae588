/**
 * The few shapes of the syntax tree (ESTree as oxlint hands it out) that the walls look at.
 */
export type Node = Readonly<{
  type: string;
  parent?: Node | null;
  name?: string;
  value?: unknown;
  source?: Node | null;
  importKind?: string;
  exportKind?: string;
  kind?: string;
  specifiers?: readonly Node[];
  imported?: Node;
  local?: Node;
  tag?: Node;
  quasi?: Node;
  quasis?: ReadonlyArray<{ value: { cooked: string | null } }>;
  object?: Node;
  property?: Node;
  callee?: Node;
  id?: Node | null;
  init?: Node | null;
  declaration?: Node | null;
  declarations?: readonly Node[];
  properties?: readonly Node[];
  key?: Node;
  exported?: Node;
  body?: unknown;
}>;

export type Context = Readonly<{
  filename: string;
  cwd: string;
  sourceCode: { getAllComments: () => ReadonlyArray<Node & { value: string }> };
  report: (fault: { message: string; node: Node }) => void;
}>;

export type Rule = Readonly<{ create: (context: Context) => Readonly<Record<string, (node: Node) => void>> }>;

/** The text of a string literal, a template literal without its values, or null. */
export function textOf(node: Node | null | undefined): string | null {
  if (node?.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node?.type === 'TemplateLiteral') return (node.quasis ?? []).map((part) => part.value.cooked ?? '').join('?');
  return null;
}

/** The name of an identifier, or of a property reached by dot or by a string in brackets. */
export function nameOf(node: Node | null | undefined): string {
  if (node?.type === 'Identifier') return node.name ?? '';
  if (node?.type === 'MemberExpression') return nameOf(node.property);
  if (node?.type === 'TSInstantiationExpression') return nameOf((node as { expression?: Node }).expression);
  return textOf(node) ?? '';
}
