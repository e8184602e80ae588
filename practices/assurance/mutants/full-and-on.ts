import type { Mutant } from './mutant.ts';

export default {
  id: 'full-and-on',
  family: 'CHAOS',
  says: 'it goes on where nothing can be written down',
  file: 'server/guard-room.ts',
  find: 'if (room.isFull()) throw',
  replace: 'if (room.isFull() && audit === null) throw',
  killedBy: ['CHAOS-04'],
} satisfies Mutant;
