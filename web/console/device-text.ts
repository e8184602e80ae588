/** Browser and system out of what a browser calls itself: enough to know one's own device again. */
const BROWSERS: Readonly<Record<string, RegExp>> = {
  Edge: /\bEdg\/(\d+)/,
  Opera: /\bOPR\/(\d+)/,
  Firefox: /\bFirefox\/(\d+)/,
  Chrome: /\b(?:Headless)?Chrome\/(\d+)/,
  Safari: /\bVersion\/(\d+)[\d.]* (?:Mobile\/\w+ )?Safari\//,
};
const SYSTEMS: Readonly<Record<string, RegExp>> = {
  iPhone: /\biPhone\b/,
  iPad: /\biPad\b/,
  Android: /\bAndroid\b/,
  Windows: /\bWindows\b/,
  macOS: /\bMac OS X\b/,
  Linux: /\bLinux\b/,
};

export function deviceText(device: string): string {
  const [browser, version] = Object.entries(BROWSERS)
    .map(([name, pattern]) => [name, pattern.exec(device)?.[1]] as const)
    .find(([, found]) => found !== undefined) ?? [null];
  const system = Object.entries(SYSTEMS).find(([, pattern]) => pattern.test(device))?.[0];
  if (browser === null) return device === '' ? 'an unknown device' : device.slice(0, 60);
  return `${browser} ${version}${system === undefined ? '' : ` on ${system}`}`;
}
