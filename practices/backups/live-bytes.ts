/** For tests of what is held in memory: a peak would be what the collector has not come to yet. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** What this thread holds, after what it does not need was collected. */
export function liveBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // what buffers held is given back beside the first one, and counted with the next
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
