/**
 * The uid of an event: made of the sensor's name, where in its log the line stood and what it says, so that a line read
 * twice (a restart, a replay) is one event.
 *
 * SHA-256 and not a quick hash: who writes into a log must not be able to make an event look like one already stored.
 */
import { hash } from 'node:crypto';

/** 132 bits, in base64url. */
const UID_LENGTH = 22;

export type UidOf = (position: number | string, content: string) => string;

export function uidsOf(logName: string): UidOf {
  const prefix = `${logName}\0`;
  return (position, content) => hash('sha256', `${prefix}${position}\0${content}`, 'base64url').slice(0, UID_LENGTH);
}
