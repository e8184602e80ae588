/** What has just been written is under a signed checkpoint a moment later: asked again until then, a few times. */
import { isProblem } from '@strongroom/sdk';

const TIMES = 8;
const PAUSE_MS = 500;

/** @throws what `work` throws; AUDIT_NOT_PUBLISHED where no checkpoint came in 4 s */
export async function published<T>(work: () => Promise<T>): Promise<T> {
  for (let left = TIMES; ; left -= 1) {
    try {
      return await work();
    } catch (thrown) {
      if (left === 0 || !isProblem(thrown, 'AUDIT_NOT_PUBLISHED')) throw thrown;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
