/**
 * What stands for an API of the IAB's on a page until the API itself is there: it answers a ping, and keeps what is asked. No
 * inline style, no eval, nothing is fetched.
 *
 * INVARIANT: over messages it answers windows inside this page, and no page that is around it.
 * Sources: IAB Tech Lab, CMP API v2.2, "How does the CMP stub API work?"; GPP, CMP API specification 1.1
 */
type Callback = (answer: unknown, success: boolean) => void;
type Api = (...args: readonly unknown[]) => unknown;
export type Call = Readonly<{ command: unknown; version: unknown; callId: unknown; parameter?: unknown }>;
export type Stub = Readonly<{
  /** `__tcfapi` or `__gpp`: messages and the frame that is looked for are named after it. */
  name: string;
  /** Where in a call its callback stands. */
  callbackAt: number;
  /** A call that came as a message, as arguments. */
  argsOf: (call: Call, answer: Callback) => readonly unknown[];
  pinged: Readonly<Record<string, unknown>>;
}>;

function isInside(source: MessageEventSource | null): source is Window {
  if (source === null || !('parent' in source)) return false;
  for (let frame: Window = source; frame !== frame.parent; frame = frame.parent)
    if (frame.parent === window) return true;
  return false;
}

/** By its name, frames inside find the window that answers. */
function putLocator(name: string): void {
  if (name in window.frames) return;
  const frame = document.createElement('iframe');
  Object.assign(frame, { name, title: name, hidden: true, tabIndex: -1 });
  frame.setAttribute('aria-hidden', 'true');
  document.body.append(frame);
}

function callIn({ data }: MessageEvent, name: string): Call | null {
  try {
    const read = (typeof data === 'string' ? JSON.parse(data) : data) as Record<string, Call | undefined> | null;
    return typeof read === 'object' ? (read?.[`${name}Call`] ?? null) : null;
  } catch {
    return null;
  }
}

export function putStub({ name, callbackAt, argsOf, pinged }: Stub): void {
  const page = window as unknown as Record<string, Api | undefined>;
  if (typeof page[name] === 'function') return;
  const queue: (readonly unknown[])[] = [];
  page[name] = (...args) => {
    const callback = args[callbackAt];
    // asked for nothing, it hands over what it has kept
    if (args.length === 0) return queue;
    if (args[0] !== 'ping') queue.push(args);
    else if (typeof callback === 'function') (callback as Callback)(pinged, true);
    return undefined;
  };
  addEventListener('message', (event) => {
    const call = callIn(event, name);
    const { source, origin, data } = event;
    if (call === null || !isInside(source)) return;
    page[name]?.(
      ...argsOf(call, (returnValue, success) => {
        const said = { [`${name}Return`]: { returnValue, success, callId: call.callId } };
        source.postMessage(typeof data === 'string' ? JSON.stringify(said) : said, origin === 'null' ? '*' : origin);
      }),
    );
  });
  if (document.body === null) addEventListener('DOMContentLoaded', () => putLocator(`${name}Locator`));
  else putLocator(`${name}Locator`);
}
