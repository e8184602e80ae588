/** The system in this very process, on the database of the world's server: what a row measures without HTTP. */
import { readConfig } from '#platform/config';
import { createLog } from '#platform/log';

import { composeSystem, type System } from '../../server/compose.ts';
import type { World } from '../world/world.ts';

export const besides = ({ server, databaseUrl }: World): Promise<System> =>
  composeSystem(
    readConfig({ STRONGROOM_HOME: server.home, DATABASE_URL: databaseUrl, STRONGROOM_LOG: 'silent' }),
    createLog('silent'),
  );
