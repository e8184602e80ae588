/** The part of sodium-native that we call; the package brings no types. */
declare module 'sodium-native' {
  const sodium: {
    crypto_aead_xchacha20poly1305_ietf_encrypt: (
      sealed: Uint8Array,
      plain: Uint8Array,
      additional: Uint8Array | null,
      unused: null,
      nonce: Uint8Array,
      key: Uint8Array,
    ) => number;
    /** @throws when the tag does not fit */
    crypto_aead_xchacha20poly1305_ietf_decrypt: (
      plain: Uint8Array,
      unused: null,
      sealed: Uint8Array,
      additional: Uint8Array | null,
      nonce: Uint8Array,
      key: Uint8Array,
    ) => number;
    sodium_memzero: (bytes: Uint8Array) => void;
  };
  export default sodium;
}
