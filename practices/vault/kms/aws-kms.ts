/**
 * A root key in AWS KMS: the context is the EncryptionContext, which AWS authenticates and writes to CloudTrail.
 *
 * The key is named by its ARN, never by an alias: an alias can be pointed elsewhere, an ARN cannot.
 * Source: AWS KMS API reference, Encrypt, Decrypt, DescribeKey
 */
import type { KMSClient, KMSClientConfig } from '@aws-sdk/client-kms';

import { boundAnswers } from '#platform/at-most';

import { kmsFailure } from './failures.ts';
import { MAX_WRAP_BYTES, type Kms, type KmsContext } from './kms.ts';

const PROVIDER = 'aws-kms';
/** AWS rotates key material behind one key id and finds the right one itself. */
const KEY_VERSION = 'aws-managed';
const MAX_CIPHERTEXT_BYTES = 6144;
const MAX_ANSWER_BYTES = 65_536;
const KEY_ARN = /^arn:aws[\w-]*:kms:([a-z0-9-]+):\d{12}:key\/[\w-]+$/;

export type AwsKmsNeeds = Readonly<{
  timeoutMs?: number;
  /** Where this machine's own AWS configuration (environment, profile, instance role) is not to be used. */
  client?: Pick<KMSClientConfig, 'credentials' | 'endpoint'>;
}>;

/**
 * @param arn `arn:aws:kms:<region>:<account>:key/<id>` of a symmetric encryption key
 * @throws KMS_SETTING_MALFORMED, KMS_KEY_MISSING, KMS_DENIED, KMS_UNREACHABLE
 */
export async function openAwsKms(arn: string, { timeoutMs = 5000, client = {} }: AwsKmsNeeds = {}): Promise<Kms> {
  const region = KEY_ARN.exec(arn)?.[1];
  if (region === undefined) {
    throw kmsFailure('SETTING_MALFORMED', {
      detail: 'aws-kms: takes the ARN of a key',
      hint: 'aws-kms:arn:aws:kms:<region>:<account>:key/<id>; an alias may be pointed at another key, and is not taken',
    });
  }
  // loaded here, since most installations never need it
  const aws = await import('@aws-sdk/client-kms');
  const kmsClient = new aws.KMSClient({ region, maxAttempts: 3, ...client });
  boundAnswers(kmsClient, MAX_ANSWER_BYTES, () => new Error('longer than an answer of AWS KMS'));
  let closed = false;
  const ask = async <T>(
    request: (client: KMSClient, options: { abortSignal: AbortSignal }) => Promise<T>,
  ): Promise<T> => {
    if (closed) throw kmsFailure('CLOSED');
    try {
      return await request(kmsClient, { abortSignal: AbortSignal.timeout(timeoutMs) });
    } catch (error) {
      throw refusal(error as Error);
    }
  };
  const withContext = (context: KmsContext): { EncryptionContext?: KmsContext } =>
    Object.keys(context).length === 0 ? {} : { EncryptionContext: context };

  const usable = async (): Promise<{ origin: string; custody: string }> => {
    const { KeyMetadata: key } = await ask((to, options) =>
      to.send(new aws.DescribeKeyCommand({ KeyId: arn }), options),
    );
    if (key?.Arn !== arn) throw kmsFailure('ANSWER_MALFORMED');
    if (key.KeySpec !== 'SYMMETRIC_DEFAULT' || key.KeyUsage !== 'ENCRYPT_DECRYPT') {
      throw kmsFailure('SETTING_MALFORMED', { detail: 'this AWS key is not a symmetric encryption key' });
    }
    if (key.KeyState !== 'Enabled') {
      throw kmsFailure('DENIED', {
        detail: 'the AWS key is disabled, pending deletion or without its material',
        hint: 'enable it in AWS KMS',
      });
    }
    return { origin: key.Origin ?? 'unknown', custody: key.KeyManager ?? 'unknown' };
  };

  const kms: Kms = {
    provider: PROVIDER,
    wrap: async (bytes, context) => {
      if (closed) throw kmsFailure('CLOSED');
      if (bytes.byteLength === 0) throw kmsFailure('EMPTY');
      if (bytes.byteLength > MAX_WRAP_BYTES) throw kmsFailure('BLOB_TOO_LARGE');
      const input = { KeyId: arn, Plaintext: bytes, ...withContext(context) };
      const found = await ask((to, options) => to.send(new aws.EncryptCommand(input), options));
      if (found.KeyId !== arn || found.CiphertextBlob === undefined) throw kmsFailure('ANSWER_MALFORMED');
      return { blob: found.CiphertextBlob, provider: PROVIDER, keyId: arn, keyVersion: KEY_VERSION };
    },
    unwrap: async (wrapped, context) => {
      if (closed) throw kmsFailure('CLOSED');
      if (wrapped.provider !== PROVIDER || wrapped.keyId !== arn || wrapped.keyVersion !== KEY_VERSION) {
        throw kmsFailure('WRONG_KEY');
      }
      // AWS calls these sizes invalid requests, before it looks at the key
      const sizeBytes = wrapped.blob.byteLength;
      if (sizeBytes === 0 || sizeBytes > MAX_CIPHERTEXT_BYTES) throw kmsFailure('WRONG_CONTEXT');
      // the key is named although AWS could read it from the blob: a blob of any other key we may use is refused
      const input = { KeyId: arn, CiphertextBlob: wrapped.blob, ...withContext(context) };
      const found = await ask((to, options) => to.send(new aws.DecryptCommand(input), options));
      if (found.KeyId !== arn || found.Plaintext === undefined) throw kmsFailure('ANSWER_MALFORMED');
      return found.Plaintext;
    },
    describe: async () => {
      const { origin, custody } = await usable();
      return {
        provider: PROVIDER,
        keyId: arn,
        keyVersion: KEY_VERSION,
        protection: `AWS keeps the root key (origin ${origin}, managed by ${custody}); whoever has our role can use it`,
        destruction: 'schedule the deletion of the whole key in AWS (7 to 30 days); AWS destroys no single version',
      };
    },
    health: async () => void (await usable()),
    close: async () => {
      closed = true;
      kmsClient.destroy();
    },
  };
  await kms.health();
  return kms;
}

const DENIED = new Set([
  'AccessDeniedException',
  'CredentialsProviderError',
  'ExpiredTokenException',
  'IncompleteSignatureException',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'MissingAuthenticationTokenException',
  'NotAuthorized',
  'OptInRequired',
  'UnrecognizedClientException',
  'DisabledException',
  'KMSInvalidStateException',
]);
const UNREACHABLE = new Set([
  'AbortError',
  'DependencyTimeoutException',
  'InternalFailure',
  'KMSInternalException',
  'KeyUnavailableException',
  'RequestTimeout',
  'ServiceUnavailable',
  'ServiceUnavailableException',
  'ThrottlingException',
  'LimitExceededException',
  'TimeoutError',
]);

/** Only the names of the SDK's errors go on: the errors hold request and response. */
function refusal(error: Error & { code?: string; $metadata?: { httpStatusCode?: number } }): Error {
  if (error.name === 'InvalidCiphertextException') return kmsFailure('WRONG_CONTEXT');
  if (error.name === 'IncorrectKeyException') return kmsFailure('WRONG_KEY');
  if (error.name === 'NotFoundException') return kmsFailure('KEY_MISSING');
  if (DENIED.has(error.name)) return kmsFailure('DENIED', { detail: `AWS KMS refused (${error.name})` });
  const status = error.$metadata?.httpStatusCode ?? 0;
  if (UNREACHABLE.has(error.name) || status >= 500 || status === 429 || /^E[A-Z]+$/.test(error.code ?? '')) {
    const why = UNREACHABLE.has(error.name) ? error.name : (error.code ?? String(status));
    return kmsFailure('UNREACHABLE', { detail: `AWS KMS does not answer (${why})` });
  }
  return kmsFailure('ANSWER_MALFORMED', { detail: `AWS KMS answered with status ${status}` });
}
