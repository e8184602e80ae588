/**
 * `npm run docs:site`: the documents as a site of plain pages, to be put on any web server or opened from the disk. Nothing
 * of it runs a script or asks another host. Red when a document names one that is not there.
 */
import { parseArgs } from 'node:util';

import { buildSite } from './site/build-site.ts';

const { values } = parseArgs({ options: { out: { type: 'string', default: 'docs/site' } } });
const { pages, pictures, faults } = await buildSite(process.cwd(), values.out);
for (const fault of faults) console.log(`✖ ${fault}`);
console.log(`${pages} pages and ${pictures} pictures in ${values.out}: open ${values.out}/index.html`);
if (pictures === 0)
  console.log('Pictures of the console are there after its walk in a browser: npm test -- --only e2e/');
process.exitCode = faults.length === 0 ? 0 : 1;
