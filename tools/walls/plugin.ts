/**
 * The oxlint plugin that holds the walls (ARCHITECTURE.md, "Walls"). Each rule asks one question of tools/walls/*.
 *
 * INVARIANT: a rule never answers for a file outside the project root; tools/walls/walls.test.ts plants a breach of each.
 */
import { relative, sep } from 'node:path';

import { importBreach, type ImportKind } from './imports.ts';
import { bannedInName, bannedInPath } from './names.ts';
import { placeOf, type Place } from './place.ts';
import { isSqlTemplate, isSqlText, mayHoldSql, SQL_MESSAGE } from './sql.ts';
import { nameOf, textOf, type Context, type Node, type Rule } from './syntax.ts';

function place(context: Context): Place {
  return placeOf(relative(context.cwd, context.filename).split(sep).join('/'));
}

/** W1, W2, W3, W5, W6 and the packages of W4. */
const imports: Rule = {
  create(context) {
    const from = place(context);
    const ask = (node: Node, source: Node | null | undefined, kind: ImportKind): void => {
      const specifier = textOf(source);
      const message = specifier === null ? null : importBreach(from, specifier, kind);
      if (message !== null) context.report({ message, node });
    };
    return {
      ImportDeclaration: (node) => ask(node, node.source, node.importKind === 'type' ? 'type' : 'value'),
      ExportNamedDeclaration: (node) => ask(node, node.source, node.exportKind === 'type' ? 'type' : 'value'),
      ExportAllDeclaration: (node) => ask(node, node.source, node.exportKind === 'type' ? 'type' : 'value'),
      ImportExpression: (node) => ask(node, node.source, 'value'),
      TSImportType: (node) => ask(node, node.source, 'type'),
    };
  },
};

/** W4: SQL. */
const sql: Rule = {
  create(context) {
    if (mayHoldSql(place(context))) return {};
    const askText = (node: Node): void => {
      if (node.parent?.type !== 'TaggedTemplateExpression' && isSqlText(textOf(node) ?? '')) {
        context.report({ message: SQL_MESSAGE, node });
      }
    };
    return {
      TaggedTemplateExpression: (node) => {
        if (isSqlTemplate(nameOf(node.tag), textOf(node.quasi) ?? '')) context.report({ message: SQL_MESSAGE, node });
      },
      CallExpression: (node) => {
        if (node.callee?.type === 'MemberExpression' && nameOf(node.callee) === 'unsafe') {
          context.report({ message: SQL_MESSAGE, node });
        }
      },
      Literal: askText,
      TemplateLiteral: askText,
    };
  },
};

const ENVIRONMENT = 'the environment is read by platform/config alone: take the setting in needs (STYLE.md §4)';

function mayReadEnvironment(from: Place): boolean {
  if (from.isTest || ['tools', 'bench', 'e2e', 'examples', ''].includes(from.area)) return true;
  if (from.home === 'platform/config' || from.home === 'platform/testing') return true;
  return from.area === 'cli' && (from.inside.startsWith('bin/') || from.inside === 'main');
}

const environment: Rule = {
  create(context) {
    if (mayReadEnvironment(place(context))) return {};
    return {
      MemberExpression: (node) => {
        if (nameOf(node.object) === 'process' && nameOf(node.property) === 'env') {
          context.report({ message: ENVIRONMENT, node });
        }
      },
      ImportDeclaration: (node) => {
        const fromProcess = ['process', 'node:process'].includes(textOf(node.source) ?? '');
        if (fromProcess && node.specifiers?.some((one) => nameOf(one.imported) === 'env')) {
          context.report({ message: ENVIRONMENT, node });
        }
      },
      VariableDeclarator: (node) => {
        if (nameOf(node.init) === 'process' && node.id?.properties?.some((one) => nameOf(one.key) === 'env')) {
          context.report({ message: ENVIRONMENT, node });
        }
      },
    };
  },
};

/** STYLE.md §1. */
const names: Rule = {
  create(context) {
    const from = place(context);
    const ask = (node: Node, name: string): void => {
      const word = bannedInName(name);
      if (word !== null) context.report({ message: `"${name}" carries the banned word "${word}" (STYLE.md §1)`, node });
    };
    return {
      Program: (node) => {
        const word = bannedInPath(from.path);
        if (word !== null)
          context.report({ message: `the path carries the banned word "${word}" (STYLE.md §1)`, node });
      },
      ExportNamedDeclaration: (node) => {
        const declared = node.declaration;
        for (const one of declared?.declarations ?? (declared?.id ? [declared] : [])) ask(node, nameOf(one.id));
        for (const one of node.specifiers ?? []) ask(node, nameOf(one.exported));
      },
    };
  },
};

/** STYLE.md §4: nothing that changes at module level in what runs in production. */
const state: Rule = {
  create(context) {
    const from = place(context);
    if (from.isTest || !['platform', 'practices', 'server', 'sdk', 'cli'].includes(from.area)) return {};
    return {
      VariableDeclaration: (node) => {
        if (
          node.kind !== 'const' &&
          (node.parent?.type === 'Program' || node.parent?.type === 'ExportNamedDeclaration')
        ) {
          context.report({ message: 'module-level state: hold it in what create…(needs) returns (STYLE.md §4)', node });
        }
      },
    };
  },
};

/** STYLE.md §14. */
const promises: Rule = {
  create(context) {
    return {
      Program: () => {
        for (const comment of context.sourceCode.getAllComments()) {
          if (/\b(TODO|FIXME|XXX)\b(?!.*(#\d+|issue \d+))/.test(comment.value)) {
            context.report({ message: 'a TODO names its issue, or is done now (STYLE.md §14)', node: comment });
          }
        }
      },
    };
  },
};

export default {
  meta: { name: 'strongroom' },
  rules: { imports, sql, environment, names, 'module-state': state, 'open-ends': promises },
};
