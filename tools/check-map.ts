/**
 * Goes red when the map of the project is not true: a practice without one of its places, a README or ARCHITECTURE.md
 * that names what is not there.
 */
import { mapFaults } from './map/map-faults.ts';
import { practiceMap } from './map/practices.ts';

const faults = mapFaults(process.cwd(), practiceMap);
for (const fault of faults) console.log(`✖ ${fault}`);
console.log(faults.length === 0 ? 'the map is true' : `${faults.length} faults in the map`);
process.exitCode = faults.length === 0 ? 0 : 1;
