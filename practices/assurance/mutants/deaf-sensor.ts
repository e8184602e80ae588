import type { Mutant } from './mutant.ts';

export default {
  id: 'deaf-sensor',
  family: 'MONITOR',
  says: 'the system’s own requests are no events',
  file: 'practices/traffic/sensors/requests.ts',
  find: 'events.push(ownEvent(request, touched, clock().getTime()));',
  replace: 'void ownEvent;',
  killedBy: ['MONITOR-02'],
} satisfies Mutant;
