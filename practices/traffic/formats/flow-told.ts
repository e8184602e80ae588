/** A flow, or the part of it since it was last told → what its event says. */
import { endsOf } from './flow-ends.ts';
import type { Flow, WhyTold } from './flows.ts';
import { TCP } from './layers.ts';
import type { Told } from './lines.ts';

const SYN = 2;

export function flowTold(flow: Flow, why: WhyTold): Told {
  const { turned, told } = flow;
  const ends = endsOf(flow);
  const activity = why === 'interval' ? 6 : activityOf(flow);
  return {
    class: 'network',
    activity_id: activity,
    time: flow.sinceUs / 1000,
    duration: Math.max(0, Math.round((flow.lastUs - flow.sinceUs) / 1000)),
    ...(activity === 4 || activity === 5 ? { status_id: 2 as const } : {}),
    ...ends,
    ...(flow.protocol === TCP ? { connection_info: { protocol_name: 'tcp', tcp_flags: flow.flags } } : {}),
    traffic: {
      bytes_out: turned ? flow.bytesSecond : flow.bytesFirst,
      bytes_in: turned ? flow.bytesFirst : flow.bytesSecond,
      packets_out: turned ? flow.packetsSecond : flow.packetsFirst,
      packets_in: turned ? flow.packetsFirst : flow.packetsSecond,
    },
    unmapped: { why, part: told },
  };
}

/** Network Activity: 2 close, 3 reset, 4 fail (a SYN that nobody answered), 5 refuse (one answered with RST), 6 traffic. */
function activityOf({ protocol, flags, finsSeen, packetsSecond, turned, told, resetBy }: Flow): number {
  if (protocol !== TCP) return 6;
  const begins = (flags & SYN) !== 0 && !turned && told === 0;
  if (begins && packetsSecond === 0) return 4;
  // a half-open scan is answered before it resets; who refuses says nothing but that
  if (resetBy !== 0) return begins && resetBy === 2 && packetsSecond === 1 ? 5 : 3;
  return finsSeen === 3 ? 2 : 6;
}
