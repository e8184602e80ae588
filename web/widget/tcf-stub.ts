/**
 * The first script of a page that vendors of the IAB's TCF run on: `__tcfapi` is there before anything else is, answers a
 * ping, and keeps what is asked until tcf.js takes over. No inline style, no eval, nothing is fetched.
 *
 * INVARIANT: over messages it answers windows inside this page, and no page that is around it.
 * Source: IAB Tech Lab, CMP API v2.2, "How does the CMP stub API work?"
 */
type Callback = (answer: unknown, success: boolean) => void;
type Api = (...args: readonly unknown[]) => unknown;
type Call = Readonly<{ command: unknown; version: unknown; callId: unknown; parameter?: unknown }>;
const page = window as Window & { __tcfapi?: Api };
const LOCATOR = '__tcfapiLocator';

function isInside(source: MessageEventSource | null): source is Window {
  if (source === null || !('parent' in source)) return false;
  for (let frame: Window = source; frame !== frame.parent; frame = frame.parent)
    if (frame.parent === window) return true;
  return false;
}

/** By its name, frames inside find the window that answers. */
function putLocator(): void {
  if (LOCATOR in window.frames) return;
  const frame = document.createElement('iframe');
  Object.assign(frame, { name: LOCATOR, title: LOCATOR, hidden: true, tabIndex: -1 });
  frame.setAttribute('aria-hidden', 'true');
  document.body.append(frame);
}

function callIn({ data }: MessageEvent): Call | null {
  try {
    const read = (typeof data === 'string' ? JSON.parse(data) : data) as { __tcfapiCall?: Call } | null;
    return typeof read === 'object' ? (read?.__tcfapiCall ?? null) : null;
  } catch {
    return null;
  }
}

if (typeof page.__tcfapi !== 'function') {
  const queue: (readonly unknown[])[] = [];
  page.__tcfapi = (...args) => {
    const [command, , callback] = args;
    // asked for nothing, it hands over what it has kept
    if (args.length === 0) return queue;
    if (command !== 'ping') queue.push(args);
    else if (typeof callback === 'function')
      (callback as Callback)({ cmpLoaded: false, cmpStatus: 'stub', displayStatus: 'hidden', apiVersion: '2.2' }, true);
    return undefined;
  };
  addEventListener('message', (event) => {
    const call = callIn(event);
    const { source, origin, data } = event;
    if (call === null || !isInside(source)) return;
    const answer: Callback = (returnValue, success) => {
      const said = { __tcfapiReturn: { returnValue, success, callId: call.callId } };
      source.postMessage(typeof data === 'string' ? JSON.stringify(said) : said, origin === 'null' ? '*' : origin);
    };
    page.__tcfapi?.(call.command, call.version, answer, call.parameter);
  });
  if (document.body === null) addEventListener('DOMContentLoaded', putLocator);
  else putLocator();
}
