/** Who began a flow, and whom they reached: its key, in words. */
import type { Told } from './lines.ts';
import { addressText } from './addresses.ts';
import type { Flow } from './flows.ts';
import { protocolName } from './protocols.ts';

const portAt = (key: string, at: number): number => (key.charCodeAt(at) << 8) | key.charCodeAt(at + 1);

export function endsOf(flow: Flow): Pick<Told, 'src_endpoint' | 'dst_endpoint' | 'connection_info'> {
  const { addressLength: length, protocol } = flow;
  const key = flow.turned ? flow.back : flow.key;
  const src = addressText(key, 0, length);
  const dst = addressText(key, length, length);
  const hasPorts = key.length === length * 2 + 4;
  return {
    src_endpoint: hasPorts ? { ip: src, port: portAt(key, length * 2) } : { ip: src },
    dst_endpoint: hasPorts ? { ip: dst, port: portAt(key, length * 2 + 2) } : { ip: dst },
    connection_info: { protocol_name: protocolName(protocol) },
  };
}
