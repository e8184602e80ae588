import type { Mutant } from './mutant.ts';

export default {
  id: 'masks-off',
  family: 'MASK',
  says: 'what is to be shown masked leaves in clear',
  file: 'practices/vault/read.ts',
  find: "if (ask.masked === true && state === 'clear') heldBack.add(name);",
  replace: '',
  killedBy: ['MASK-01'],
} satisfies Mutant;
