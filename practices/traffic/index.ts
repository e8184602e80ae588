/** The door of traffic: what moves, what should not, and what is done about it. */
export type { Alert, Detector, Entity, Severity } from './alert.ts';
export type { TrafficEvent } from './event.ts';
