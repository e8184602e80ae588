/** Sensors: where bytes come from. A file that grows, datagrams, an interface. */
export { captureWire, type WireNeeds } from './capture-wire.ts';
export { listenUdp, type UdpNeeds, type UdpSensor } from './listen-udp.ts';
export type { Gap, Health, Sensor, Sink } from './sensor.ts';
export { tailFile, type TailCursor, type TailNeeds } from './tail-file.ts';
