/** Scripts that wait for a yes: `<script type="text/plain" data-purpose="analytics.product" src="…">` runs once there is one. */
type Policy = { createScriptURL: (url: string) => unknown };
type Types = { createPolicy: (name: string, rules: Policy) => Policy };

/** Where a page demands Trusted Types, it names this policy to let its own waiting scripts in. */
const policyOf = (): Policy | undefined => {
  try {
    return (globalThis as { trustedTypes?: Types }).trustedTypes?.createPolicy('strongroom-consent', {
      createScriptURL: (url) => url,
    });
  } catch {
    return undefined;
  }
};

export function createGates(): (allows: (purpose: string) => boolean) => void {
  let policy: Policy | undefined;
  return (allows) => {
    for (const waiting of document.querySelectorAll<HTMLScriptElement>(
      'script[type="text/plain"][data-purpose][src]',
    )) {
      if (!allows(waiting.dataset.purpose as string)) continue;
      const script = document.createElement('script');
      for (const { name, value } of waiting.attributes)
        if (!['type', 'src', 'data-purpose', 'data-type', 'nonce'].includes(name)) script.setAttribute(name, value);
      if (waiting.dataset.type !== undefined) script.type = waiting.dataset.type;
      script.nonce = waiting.nonce;
      policy ??= policyOf();
      script.src = (policy?.createScriptURL(waiting.src) ?? waiting.src) as string;
      waiting.replaceWith(script);
    }
  };
}
