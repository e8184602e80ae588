/**
 * `npm run docs`: writes what is generated (docs/openapi.json, sdk/types.generated.ts, docs/sdk.md, docs/failures.md).
 * `--check` writes nothing and goes red on any difference, and on a dependency without a reason.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { dependencyFaults } from './docs/dependencies.ts';
import { collectFailures, failuresDoc } from './docs/failures-doc.ts';
import { openApiText, type Json } from './docs/openapi-text.ts';
import { readSdk, sdkReference } from './docs/sdk-reference.ts';
import { sdkTypes } from './docs/sdk-types.ts';

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
const root = process.cwd();

async function openApiDocument(): Promise<Json> {
  // named in a variable: the other documents are still written where the server does not load
  const door: string = '../server/openapi.ts';
  const server = (await import(door)) as { openApiDocument: () => Promise<unknown> };
  return JSON.parse(JSON.stringify(await server.openApiDocument())) as Json;
}

const faults: string[] = [];

function settle(path: string, text: string): void {
  if (!values.check) {
    writeFileSync(path, text);
    console.log(`wrote ${path}`);
  } else if (!existsSync(path) || readFileSync(path, 'utf8') !== text) {
    faults.push(`${path} is not what the sources say: run \`npm run docs\``);
  }
}

try {
  const document = await openApiDocument();
  settle('docs/openapi.json', openApiText(document));
  settle('sdk/types.generated.ts', sdkTypes(document));
  settle('docs/sdk.md', sdkReference(readSdk(root), document));
} catch (cause) {
  faults.push(`the OpenAPI document could not be made: ${cause instanceof Error ? cause.message : String(cause)}`);
}
settle('docs/failures.md', failuresDoc(await collectFailures(root)));
faults.push(...dependencyFaults(root));

for (const fault of faults) console.log(`✖ ${fault}`);
process.exitCode = faults.length === 0 ? 0 : 1;
// a server made only to be asked for its routes may hold timers
process.exit();
