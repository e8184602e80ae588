/** The rows of practices/traffic.md: how fast events are judged, and how right. */
import type { Row } from './row.ts';
import { behaviour } from './traffic/behaviour.ts';

export const trafficRows: readonly Row[] = [behaviour];
