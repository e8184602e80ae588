/** The rows of practices/traffic.md: how fast events are judged and requests inspected, and how right. */
import type { Row } from './row.ts';
import { behaviour } from './traffic/behaviour.ts';
import { formatRows } from './traffic/formats.ts';
import { inspect } from './traffic/inspect.ts';
import { logPeers } from './traffic/peers.ts';
import { sensorCost } from './traffic/sensor-cost.ts';
import { sigma } from './traffic/sigma.ts';

export const trafficRows: readonly Row[] = [sigma, behaviour, inspect, ...formatRows, sensorCost, logPeers];
