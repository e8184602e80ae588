/** A witness of audit logs: another role's process, with its own keys and memory, that cosigns what only grows. */
export { witnessFailure } from './failures.ts';
export { keysByOrigin, makeHome, openHome, type WitnessHome } from './home.ts';
export { createWitnessServer, listen } from './http.ts';
export { pullOnce, type Pulled, type PullNeeds } from './pull.ts';
export { makeMemory, openMemory, type Memory } from './store.ts';
export { createWitness, type Witness, type WitnessAnswer } from './witness.ts';
