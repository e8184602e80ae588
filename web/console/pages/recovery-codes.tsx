/** Recovery codes, shown this one time. */
import { ShownOnce } from '../../ui/shown-once.tsx';

export const RecoveryCodes = ({ codes, instead }: { codes: readonly string[]; instead: 'app' | 'passkey' }) => (
  <ShownOnce
    title="Keep these recovery codes"
    says={`Each lets you in once without the ${instead}. They are not shown again.`}
    secret={codes}
  />
);
